"""Preliminary, final, corrected, cancelled, in any order: the current picture is right and history stays readable."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from fhir_adapter.model.report import ReportStatus
from fhir_adapter.nlp.engine import load_engine
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.intake import Intake
from fhir_adapter.service.lifecycle import Stamp, supersedes
from fhir_adapter.service.processing import process
from fhir_adapter.service.record import record
from fhir_adapter.store.messages import waiting
from fhir_adapter.store.schema import message, report_version, resource
from tests.messages import oru

EMBOLISM = "FINDINGS: Acute pulmonary embolism in the right lower lobe. IMPRESSION: Acute pulmonary embolism."
CLEAR = "FINDINGS: No pneumothorax. IMPRESSION: No acute abnormality."


@pytest.fixture(scope="module")
def engine(tables):
    from fhir_adapter import settings

    return load_engine(settings.load(key="5a" * 32), tables.language)


class Life:
    """A store into which messages come, each processed at once."""

    def __init__(self, database, settings, tables, engine) -> None:
        self.database, self.tables = database, tables
        self.intake = Intake(settings, tables, database)
        self.adapter = Adapter(settings=settings, tables=tables, engine=engine)

    def comes(self, payload: bytes) -> None:
        self.intake.take([self.intake.judge(payload, channel="mllp")])
        now = datetime.now(UTC)
        with self.database.reading() as connection:
            works = waiting(connection, now=now, limit=10)
        for work in works:
            with self.database.writing() as connection:
                record(connection, work.seq, process(work.payload, self.adapter), now=now,
                       tables=self.tables)

    def rows(self, *columns, where=True):
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).where(where))]

    def picture(self) -> list[tuple[str, str, str]]:
        """Type, words and status of what is current."""
        out = []
        for (content,) in self.rows(resource.c.content, where=resource.c.current):
            one = json.loads(content)
            if one["resourceType"] in ("Flag", "Observation", "ServiceRequest", "DiagnosticReport"):
                out.append((one["resourceType"], one.get("code", {}).get("text", ""), one.get("status", "")))
        return sorted(out)

    def statuses(self, kind: str) -> list[str]:
        return [status for what, _, status in self.picture() if what == kind]


@pytest.fixture
def life(database, store_settings, tables, engine) -> Life:
    return Life(database, store_settings, tables, engine)


def at(minute: int, **more) -> bytes:
    return oru(f"C{minute}", issued=f"2026030910{minute:02}00+0000", sent=f"2026030911{minute:02}00+0000", **more)


VERSIONS = (at(1, status="P", text=EMBOLISM), at(2, status="F", text=EMBOLISM), at(3, status="C", text=CLEAR))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_any_order_of_arrival_ends_in_the_same_picture(life, order):
    """Preliminary, final and correction in each of six orders: what is current is what the correction says."""
    for number in order:
        life.comes(VERSIONS[number])
    assert life.statuses("DiagnosticReport") == ["corrected"]
    assert [status for status in life.statuses("Flag") if status == "active"] == []
    assert life.rows(report_version.c.status, where=report_version.c.current) == [("corrected",)]


def test_a_correction_withdraws_what_it_no_longer_supports(life):
    """The critical result's Flag becomes inactive and its Observation entered-in-error, both as new versions."""
    life.comes(VERSIONS[1])
    before = life.picture()
    assert "active" in life.statuses("Flag")
    life.comes(VERSIONS[2])
    assert set(life.statuses("Flag")) == {"inactive"}
    withdrawn = [one for one in life.picture() if one[2] == "entered-in-error"]
    assert {(kind, words) for kind, words, _ in withdrawn} <= {(kind, words) for kind, words, _ in before}
    assert withdrawn != []


def test_history_stays_readable(life):
    """Every version of each Flag is there, in order, with what it said at its time."""
    for payload in VERSIONS:
        life.comes(payload)
    flags: dict[str, list[tuple[int, str]]] = {}
    for version, content in sorted(life.rows(resource.c.version, resource.c.content, where=resource.c.type == "Flag")):
        flag = json.loads(content)
        flags.setdefault(flag["id"], []).append((version, flag["status"]))
    assert flags != {}
    for versions in flags.values():
        last = len(versions)
        assert versions[-2:] == [(last - 1, "active"), (last, "inactive")]


def test_an_older_version_that_comes_late_shows_nothing(life):
    """It is processed, noted with NET-625, and no resource changes."""
    life.comes(VERSIONS[2])
    before = life.rows(resource.c.key)
    life.comes(VERSIONS[0])
    assert life.rows(resource.c.key) == before
    assert life.rows(message.c.state) == [("processed",), ("processed",)]
    assert life.rows(report_version.c.status, report_version.c.current) == [("corrected", True), ("preliminary", False)]


def test_the_same_report_again_changes_nothing(life):
    """A resend under another control id makes no new version of any resource."""
    life.comes(VERSIONS[1])
    before = life.rows(resource.c.key)
    life.comes(VERSIONS[1].replace(b"|C2|", b"|C99|"))
    assert life.rows(resource.c.key) == before


@pytest.mark.parametrize(("text", "status"), [(EMBOLISM, "X"), ("", "X")], ids=["with its text", "without text"])
def test_a_cancelled_report_asks_for_nothing(life, text, status):
    """After a cancellation no Flag is active and no proposal a draft."""
    life.comes(at(2, status="F", text=EMBOLISM + " Recommend follow-up CT chest in 3 months."))
    assert "active" in life.statuses("Flag")
    life.comes(at(5, status=status, text=text))
    assert life.statuses("DiagnosticReport") == ["cancelled"]
    assert set(life.statuses("Flag")) == {"inactive"}
    assert "draft" not in life.statuses("ServiceRequest")


def test_two_reports_do_not_touch_each_other(life):
    """A correction of one report of a patient leaves the other's insights as they are."""
    life.comes(at(1, status="F", text=EMBOLISM, filler="A1"))
    life.comes(at(2, status="F", text=EMBOLISM, filler="B1"))
    life.comes(at(3, status="C", text=CLEAR, filler="A1"))
    assert sorted(life.statuses("Flag")).count("active") == sorted(life.statuses("Flag")).count("inactive") > 0


def test_a_message_that_cannot_be_read_is_failed_and_can_be_tried_again(life, monkeypatch):
    """A fault of the engine is NLP-400; processed again after the mend, the message is processed."""
    with monkeypatch.context() as patch:
        patch.setattr("fhir_adapter.deid.scrub", lambda *_, **__: 1 / 0)
        life.comes(VERSIONS[1])
    assert life.rows(message.c.state, message.c.code) == [("failed", "NLP-400")]


F, C, P = ReportStatus.FINAL, ReportStatus.CORRECTED, ReportStatus.PRELIMINARY


@pytest.mark.parametrize(("new", "old", "wins"), [
    (("2026-03-09T10:02", "", P), ("2026-03-09T10:01", "", F), True),    # issued later, whatever the status
    (("2026-03-09T10:00", "2026-03-09T12:00", F), ("2026-03-09T10:01", "2026-03-09T11:00", F), False),  # a late resend
    (("", "2026-03-09T10:02", F), ("", "2026-03-09T10:01", F), True),    # no time of issue: the time of sending
    (("2026-03-09", "2026-03-09T10:02", C), ("2026-03-09T23:00", "2026-03-09T10:01", F), True),  # a day and a time
    (("2026-03-09T10:00", "", P), ("2026-03-09T10:00", "", F), False),   # same time: a final stays final
    (("2026-03-09T10:00", "", C), ("2026-03-09T10:00", "", F), True),    # same time: a correction wins
    (("", "", F), ("", "", F), True),                                    # nothing known: the last that arrived
])
def test_the_newest_version_is_decided_by_what_messages_say(new, old, wins):
    """Issue, then sending, then status, then arrival."""
    stamps = [Stamp(issued=issued, sent=sent, status=status) for issued, sent, status in (new, old)]
    assert supersedes(*stamps) is wins


def test_a_clock_that_jumped_holds_no_message_for_ever(life):
    """A due time years ahead counts as due."""
    from fhir_adapter.store.messages import postpone

    life.intake.take([life.intake.judge(VERSIONS[0], channel="mllp")])
    now = datetime.now(UTC)
    for ahead, expected in ((timedelta(minutes=5), 0), (timedelta(days=3650), 1)):
        with life.database.writing() as connection:
            postpone(connection, 1, code="NET-624", due=now + ahead)
        with life.database.reading() as connection:
            assert len(waiting(connection, now=now, limit=10)) == expected
