"""Stored messages are found, tried again, edited and exported."""

import stat
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from fhir_adapter.cli.main import cli
from fhir_adapter.service import messages as service
from fhir_adapter.service.intake import Intake, open_intake
from fhir_adapter.service.messages import NotThere, QueryError, parse
from fhir_adapter.settings import load
from fhir_adapter.store import audit, search
from fhir_adapter.store.audit import Action
from fhir_adapter.store.retention import forget
from fhir_adapter.store.schema import message
from fhir_adapter.store.search import Term
from fhir_adapter.store.states import State
from tests.messages import oru

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def intake(store_settings, database, tables) -> Intake:
    intake = Intake(store_settings, tables, database)
    intake.take([intake.judge(payload, channel=channel) for payload, channel in (
        (oru("Q1"), "mllp"), (oru("Q2", text=""), "mllp"), (oru("Q3", kind="ADT^A01", sender="PACS"), "http"),
        (oru("Q4", text="FINDINGS: 100%_sure."), "http"))])
    return intake


def found(intake: Intake, query: str) -> list[str]:
    with intake.database.reading() as connection:
        return [row.control_id for row in search.listing(connection, parse(query, now=datetime.now(UTC)), limit=50)]


def the_id(intake: Intake, control_id: str) -> str:
    with intake.database.reading() as connection:
        return connection.execute(select(message.c.id).where(message.c.control_id == control_id)).scalar_one()


@pytest.mark.parametrize(("query", "names"), [
    ("", ["Q4", "Q3", "Q2", "Q1"]),
    ("state:rejected", ["Q3", "Q2"]),
    ("-state:rejected", ["Q4", "Q1"]),
    ("code:HL7-1", ["Q3", "Q2"]),
    ("code:HL7-108", ["Q2"]),
    ("from:pacs", ["Q3"]),
    ("from:%", []),
    ("from:'ris|zyx'", ["Q4", "Q2", "Q1"]),
    ("id:Q1 id:Q2", ["Q2", "Q1"]),
    ("state:rejected channel:http", ["Q3"]),
    ("modality:CT", ["Q4", "Q1"]),
    ("type:ADT", ["Q3"]),
    ("ack:pending", ["Q2", "Q1"]),
    ("since:1h", ["Q4", "Q3", "Q2", "Q1"]),
    ("until:1h", []),
    ("since:2100-01-01", []),
])
def test_a_query_finds_what_it_says(intake, query, names):
    """Words are joined by and, values of one word by or, a minus negates; the newest come first."""
    assert found(intake, query) == names


def test_a_query_is_read_word_by_word():
    """Times are reckoned from now; the same word twice is one term with two values."""
    assert parse("since:2h state:failed state:rejected -from:x", now=NOW) == (
        Term(word="since", values=(NOW - timedelta(hours=2),)), Term(word="state", values=("failed", "rejected")),
        Term(word="from", values=("x",), negated=True))


@pytest.mark.parametrize(("query", "told"), [("wombat:1", "there are state"), ("failed", "words such as"),
                                             ("state:wombat", "state: is one of received"), ("since:soon", "takes 30m"),
                                             ("since:99999999999w", "takes 30m"), ("from:'x", "partner")])
def test_a_wrong_query_says_what_there_is(query, told):
    """The error names the words or the values that may be used."""
    with pytest.raises(QueryError, match=told):
        parse(query, now=NOW)


def test_a_retry_is_only_told_until_go(intake):
    """Without `go` nothing changes; with it the settled messages of the query wait to be processed, the others not."""
    terms = parse("state:rejected", now=NOW)
    assert (service.retry(intake, terms, go=False, actor="cli:mona").number, found(intake, "state:rejected")) == (
        2, ["Q3", "Q2"])
    assert (service.retry(intake, terms, go=True, actor="cli:mona").number, found(intake, "state:received")) == (
        2, ["Q4", "Q3", "Q2", "Q1"])


def test_an_edited_message_takes_the_place_of_the_original(intake):
    """The original stays, needs no attention any more, and both know of each other."""
    old = the_id(intake, "Q2")
    kept = service.edit(intake, old, oru("Q2", text="FINDINGS: Mended."), actor="cli:mona")
    with intake.database.reading() as connection:
        c = message.c
        rows = connection.execute(select(c.id, c.state, c.code, c.edited_from, c.replaced_by, c.payload)
                                  .where(c.control_id == "Q2").order_by(c.seq)).all()
    assert [tuple(row)[:5] for row in rows] == [(old, "filtered", "HL7-108", None, kept.id),
                                                (kept.id, "received", "", old, None)]
    assert rows[0].payload == oru("Q2", text="")


def test_an_edit_of_nothing_is_refused(intake):
    """No message is kept for an id that there is not."""
    with pytest.raises(NotThere):
        service.edit(intake, "wombat", oru("Q9"), actor="cli:mona")
    assert found(intake, "id:Q9") == []


def test_exported_files_are_the_owners_alone(intake, tmp_path):
    """One file a message, byte by byte as it came, mode 0600."""
    assert service.export(intake, parse("id:Q1", now=NOW), tmp_path / "out", actor="cli:mona") == 1
    (file,) = (tmp_path / "out").iterdir()
    assert (file.name, file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (
        f"{the_id(intake, 'Q1')}.hl7", oru("Q1"), 0o600)


DAY = timedelta(days=1)
CONTENTS = {State.PROCESSED: 7 * DAY, State.REJECTED: 90 * DAY}


def test_raw_bytes_are_dropped_when_their_time_is_over(intake):
    """After its days a rejected message has no bytes, is still listed, and says why it cannot be tried again."""
    later = datetime.now(UTC) + 91 * DAY
    with intake.database.writing() as connection:
        assert forget(connection, now=later, contents=CONTENTS, rows=365 * DAY) == 2
    assert found(intake, "state:rejected") == ["Q3", "Q2"]
    assert service.retry(intake, parse("state:rejected", now=NOW), go=True, actor="cli:mona") == service.Retried(
        number=0, gone=2)
    with pytest.raises(NotThere, match="NET-626"):
        service.content(intake, the_id(intake, "Q2"), actor="cli:mona")


def test_what_is_not_settled_is_kept_for_ever(intake):
    """A message that still waits loses nothing, however old it is."""
    with intake.database.writing() as connection:
        forget(connection, now=datetime.now(UTC) + 9999 * DAY, contents=CONTENTS, rows=365 * DAY)
    assert found(intake, "") == ["Q4", "Q1"]
    assert service.content(intake, the_id(intake, "Q1"), actor="cli:mona") == (oru("Q1"), "hl7")


def test_a_message_of_a_current_report_stays_listed(intake):
    """Where the current picture comes from can be told as long as it is current."""
    from fhir_adapter.store.results import NewVersion, add_versions

    with intake.database.writing() as connection:
        connection.execute(update(message).where(message.c.control_id == "Q1").values(
            state="processed", settled=datetime.now(UTC)))
        add_versions(connection, [NewVersion(report="R", message=1, status="final", issued="", sent="", replaces=None,
                                             current=True)])
        forget(connection, now=datetime.now(UTC) + 9999 * DAY, contents=CONTENTS, rows=365 * DAY)
    assert found(intake, "") == ["Q4", "Q1"]


def test_who_looked_at_what_is_noted(intake, tmp_path):
    """Every look, retry, edit and export is a row with who, what and which message; a look at nothing is none."""
    one, two = the_id(intake, "Q1"), the_id(intake, "Q2")
    service.look(intake, one, actor="cli:mona")
    service.content(intake, one, actor="web:key-1")
    with pytest.raises(NotThere):
        service.look(intake, "wombat", actor="cli:mona")
    service.export(intake, parse("id:Q1", now=NOW), tmp_path / "out", actor="cli:mona")
    service.retry(intake, parse("id:Q1 id:Q2", now=NOW), go=True, actor="cli:mona")
    with intake.database.reading() as connection:
        rows = audit.listing(connection)
        ones = audit.listing(connection, object_id=one, actor="web:key-1")
    assert [(row.actor, row.action, row.object) for row in reversed(rows)] == [
        ("cli:mona", "show", one), ("web:key-1", "content", one), ("cli:mona", "export", one),
        ("cli:mona", "retry", two)]
    assert [row.action for row in ones] == ["content"]


def test_what_was_looked_at_is_forgotten_after_its_time(intake):
    """Rows before the moment go, later ones stay."""
    with intake.database.writing() as connection:
        for day in (1, 2, 3):
            audit.record(connection, "cli:mona", Action.SHOW, f"m{day}", now=NOW + day * DAY)
        assert audit.forget(connection, NOW + 2 * DAY) == 1
        assert [row.object for row in audit.listing(connection)] == ["m3", "m2"]


@pytest.fixture
def run(tmp_path, tables, monkeypatch):
    """The command line on a store of its own with two messages."""
    monkeypatch.setenv("FHIR_ADAPTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FHIR_ADAPTER_KEY", "5a" * 32)
    intake = open_intake(load(), tables)
    intake.take([intake.judge(payload, channel="mllp") for payload in (oru("Q1"), oru("Q2", text=""))])
    names = the_id(intake, "Q1"), the_id(intake, "Q2")
    intake.database.close()
    return lambda *arguments, **more: CliRunner().invoke(cli, ["messages", *arguments], **more), names


def test_the_command_lists_and_counts(run):
    """A line a message on standard output, the sum on standard error."""
    messages, (_, second) = run
    done = messages("list", "state:rejected")
    assert (done.exit_code, done.stdout.startswith(f"{second}  "), "rejected HL7-108 OBX-5" in done.stdout) == (
        0, True, True)
    assert done.stderr == "1 messages: 1 rejected HL7-108\n"


def test_the_command_shows_rule_and_mend_but_no_content(run):
    """`show` says what is wrong and how to mend it; the message itself only when asked for."""
    messages, (_, second) = run
    done = messages("show", second)
    assert ("HL7-108 OBX-5: A report has text" in done.stdout, "ZZYZX" in done.stdout) == (True, False)
    assert messages("show", second, "--content").stdout.startswith("MSH|")
    assert [line.split("  ")[2:] for line in messages("audit", second).stdout.splitlines()] == [
        ["content", second], ["show", second]]


def test_the_command_tells_a_wrong_query_in_one_sentence(run):
    """Exit code 2 and the words that there are."""
    messages, _ = run
    done = messages("list", "wombat:1")
    assert (done.exit_code, "there are state" in done.stderr) == (2, True)


def test_the_command_retries_edits_and_exports(run, tmp_path):
    """Each does what it says it did."""
    messages, (first, second) = run
    assert "1 messages would be processed anew; add --go" in messages("retry", "state:rejected").stderr
    assert "1 messages will be processed anew" in messages("retry", "state:rejected", "--go").stderr
    assert messages("edit", second, "-", input=oru("Q2", text="FINDINGS: Mended.")).exit_code == 0
    assert "1 messages written" in messages("export", f"message:{first}", "--to", str(tmp_path / "out")).stderr
