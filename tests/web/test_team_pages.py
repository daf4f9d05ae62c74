"""Worklist, patient and quality pages: what waits, what people say of it, and what it all comes to."""

import csv
import html
import io
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import yaml

from fhir_adapter.errors import NonconformantMessage
from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.course import course
from fhir_adapter.service.intake import open_intake
from fhir_adapter.service.messages import NotThere
from fhir_adapter.service.processing import process
from fhir_adapter.service.quality import quality, rate, stability
from fhir_adapter.service.record import record
from fhir_adapter.service.worklist import case, decide, worklist
from fhir_adapter.settings import load
from fhir_adapter.store.messages import waiting
from fhir_adapter.store.schema import insight_fact
from fhir_adapter.web.app import create_app
from tests.messages import oru
from tests.store import databases

UNTOLD = "FINDINGS: There is a large left pneumothorax with tension. IMPRESSION: Tension pneumothorax."
TOLD = UNTOLD + " The findings were discussed with the referring physician by telephone at the time of the report."
SMALL = "FINDINGS: There is a 10 mm nodule in the right upper lobe. IMPRESSION: Recommend CT chest in 3 months."
LARGE = "FINDINGS: There is a 20 mm nodule in the right upper lobe. IMPRESSION: Growing nodule. Recommend PET/CT."


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request, tmp_path):
    """A store with four reports: an untold critical result of one patient, a nodule of another twice in a year."""
    url = None
    if request.param == "postgresql":
        server, name = request.getfixturevalue("postgresql"), f"t{uuid4().hex}"
        databases.execute(server, f"CREATE DATABASE {name}")
        url = f"{server}/{name}"
    loaded = adapter(load(data_dir=tmp_path, key="5a" * 32, database=url))
    intake = open_intake(loaded.settings, loaded.tables)
    sent = (oru("1", filler="A", patient="P1", text=UNTOLD), oru("2", filler="B", patient="P1", text=TOLD),
            oru("3", filler="C", patient="P2", text=SMALL, examined="20250310090000+0000",
                issued="20250310100000+0000"),
            oru("4", filler="D", patient="P2", text=LARGE, examined="20260309090000+0000",
                issued="20260309103000+0000"))
    intake.take([intake.judge(payload, channel="mllp") for payload in sent])
    with intake.database.reading() as connection:
        works = waiting(connection, now=datetime.now(UTC), limit=10)
    for work in works:
        with intake.database.writing() as connection:
            record(connection, work.seq, process(work.payload, loaded), now=datetime.now(UTC), tables=loaded.tables)
    yield intake.database, loaded
    intake.database.close()


def groups(database) -> dict[str, list[str]]:
    """Statements that wait, by group."""
    return {one.name: [item.statement for item in one.items]
            for one in worklist(database, now=datetime(2026, 11, 1, tzinfo=UTC)).groups}


def item(database, name: str):
    """The first thing of a group."""
    found = {one.name: one.items for one in worklist(database, now=datetime(2026, 11, 1, tzinfo=UTC)).groups}
    return found[name][0]


def test_what_waits_is_listed_by_urgency(world):
    """The untold critical result is there and the told one is not; the follow-up of last year may have been done."""
    database, _ = world
    assert [name for name, some in groups(database).items() if some] == ["untold", "answered"]
    assert len(groups(database)["untold"]) == 1


def test_due_dates_are_dates_of_the_calendar(world):
    """Three months after the true day of the examination, though the resource speaks in shifted time."""
    database, _ = world
    one = item(database, "answered")
    assert (one.due.isoformat(), one.overdue) == ("2025-06-10", (datetime(2026, 11, 1) - datetime(2025, 6, 10)).days)


@pytest.mark.parametrize(("decision", "left"), [("done", 0), ("rejected", 0), ("accepted", 1)])
def test_a_decision_settles_or_stays(world, decision, left):
    """Done and rejected settle; accepted is noted beside what waits; reopened brings back."""
    database, _ = world
    one = item(database, "untold")
    say = {"reason": "because", "actor": "a", "now": datetime.now(UTC)}
    decide(database, one.type, one.id, decision, **say)
    assert len(groups(database)["untold"]) == left
    assert len(groups(database)["answered"]) == 1
    decide(database, one.type, one.id, "reopened", **say)
    assert len(groups(database)["untold"]) == 1


def test_a_rejection_is_a_test_case(world):
    """It gives the de-identified text that should bring no such insight, without the reason that someone typed."""
    database, _ = world
    one = item(database, "untold")
    with pytest.raises(NotThere):
        case(database, one.type, one.id)
    decide(database, one.type, one.id, "rejected", reason="ZZYZX was drained", actor="a", now=datetime.now(UTC))
    exported = case(database, one.type, one.id)
    made = yaml.safe_load(exported)[0]
    assert (made["kind"], made["expect"], "ZZYZX" in exported) == ("uncommunicatedCriticalResult", [], False)
    assert "tension" in made["text"]


@pytest.mark.parametrize("given", [{"decision": "wombat", "reason": "x"}, {"decision": "rejected", "reason": " "}])
def test_a_wrong_decision_is_refused(world, given):
    """An unknown word, and a rejection without a reason."""
    database, _ = world
    one = item(database, "untold")
    with pytest.raises(NonconformantMessage, match="NET-608"):
        decide(database, one.type, one.id, **given, actor="a", now=datetime.now(UTC))


def test_a_decision_about_nothing_is_refused(world):
    """There must be such an insight."""
    with pytest.raises(NotThere):
        decide(world[0], "Flag", "wombat", "done", reason="", actor="a", now=datetime.now(UTC))


def test_a_lesion_over_time(world):
    """10 mm, then 20 mm after 364 days: grown by 100 %, its volume doubles in a third of that."""
    database, _ = world
    seen = course(database, item(database, "answered").patient)
    lesion = next(one for one in seen.lesions if len(one.sizes) == 2)
    assert [size.millimetres for size in lesion.sizes] == [10, 20]
    assert (lesion.sizes[1].at - lesion.sizes[0].at, lesion.growth) == (timedelta(days=364), 100)
    assert lesion.doubling_days == round(364 / 3)
    assert [visit.title for visit in seen.visits] == [visit.title for visit in seen.visits if visit.message]


def test_what_it_comes_to(world):
    """Four reports: one critical result untold of; minutes from examination to report as the messages say."""
    database, _ = world
    shown = quality(database, now=datetime.now(UTC) + timedelta(seconds=1), weeks=4, filters={})
    rates = {one.name: (one.number, one.of) for one in shown.rates}
    assert shown.reports == 4
    assert rates["reports with a critical result nobody was told of"] == (1, 4)
    times = {one.name: one for one in shown.times}
    assert times["examination to report"].number == 4
    other = quality(database, now=datetime.now(UTC) + timedelta(seconds=1), weeks=4, filters={"sender": "wombat"})
    assert other.reports == 0


def test_follow_ups_by_what_they_name_and_what_became_of_them(world):
    """A CT in 3 months came after a year, so late; a PET/CT of no time waits, and is done when someone says so."""
    database, _ = world

    def counted() -> dict[str, tuple[int, ...]]:
        shown = quality(database, now=datetime.now(UTC) + timedelta(seconds=1), weeks=4, filters={})
        return {one.says: (one.recommended, one.in_time, one.late, one.done, one.overdue, one.waiting, one.rate.number,
                           one.rate.of) for one in shown.follow_ups}

    assert counted() == {"what and when": (1, 0, 1, 0, 0, 0, 1, 1), "what, but not when": (1, 0, 0, 0, 0, 1, 0, 1)}
    with database.reading() as connection:
        (asked,) = connection.execute(insight_fact.select().where(
            insight_fact.c.kind == "followupRecommendation", insight_fact.c.wanted == "PT")).all()
    for _ in range(2):  # twice said is once done
        decide(database, asked.type, asked.id, "done", reason="", actor="a", now=datetime.now(UTC))
    assert counted()["what, but not when"] == (1, 0, 0, 1, 0, 0, 1, 1)


def test_filters_leave_all_there_is_to_choose(world):
    """Figures are of the chosen reports alone; the choices stay those of all, and weeks and splits agree."""
    database, _ = world
    now = datetime.now(UTC) + timedelta(seconds=1)
    all_, none = (quality(database, now=now, weeks=4, filters={"modality": name}) for name in ("CT", "MR"))
    assert (all_.reports, none.reports, none.weeks, none.follow_ups) == (4, 0, (), ())
    assert all_.choices == none.choices == {"modality": ["CT"], "sender": ["ZYXWELL"], "reader": []}
    assert [week.reports for week in all_.weeks] == [
        split.reports for split in all_.splits if split.by == "modality"] == [4]


def test_a_reader_is_a_pseudonym(world):
    """Who read the images (OBR-32) is told apart from others and not named."""
    _, loaded = world
    names = ("8101&VORPALINE&ESMERELDINA", "8102&SNARKWELLER&THADDEUSZ", "8101&VORPALINE&ESMERELDINA")
    read = [process(oru().replace(b"|CT|F\r", f"|CT|F|||||||{name}\r".encode()), loaded).reports[0].facts.reader
            for name in names]
    assert (len(set(read)), read[0] == read[2], any("81" in one or "VORP" in one for one in read)) == (2, True, False)


def test_agreement_counts_the_last_word(world):
    """Accepted, then rejected, is one insight judged wrong."""
    database, _ = world
    one = item(database, "untold")
    for decision in ("accepted", "rejected"):
        decide(database, one.type, one.id, decision, reason="x", actor="a", now=datetime.now(UTC))
    shown = quality(database, now=datetime.now(UTC) + timedelta(seconds=1), weeks=4, filters={})
    assert {(rated.name, rated.number, rated.of) for rated in shown.agreement} >= {
        ("kind: uncommunicatedCriticalResult", 0, 1)}


def test_a_rate_has_wilsons_interval():
    """8 of 10 is 0.8 with 0.490 to 0.943 (Wilson 1927); none of none has no share."""
    one = rate("x", 8, 10)
    assert (one.share, round(one.low, 3), round(one.high, 3)) == (0.8, 0.490, 0.943)
    assert rate("x", 0, 0).share is None


def test_stability_is_nothing_for_the_same_and_much_for_the_other():
    """Equal distributions have an index of 0, and it does not matter which is first."""
    same, other = {"a": 50, "b": 50}, {"a": 95, "b": 5}
    assert stability(same, same) == 0
    assert stability(same, other) == pytest.approx(stability(other, same))
    assert stability(same, other) > 0.25


def test_the_pages_show_it(world):
    """Each page is HTML and JSON; a decision by form leads back; tables come as CSV."""
    database, loaded = world
    client = create_app(loaded).test_client()
    one = item(database, "untold")
    for path, query in (("/worklist", ""), (f"/patients/{one.patient}", ""), ("/quality", "?weeks=52")):
        assert client.get(f"{path}{query}", headers={"Accept": "text/html"}).status_code == 200
        assert client.get(f"{path}.json{query}").is_json
    token = client.get("/worklist", headers={"Accept": "text/html"}).text.split('name="csrf_token" value="')[1]
    done = client.post(f"/worklist/{one.type}/{one.id}", data={
        "csrf_token": token.split('"')[0], "decision": "rejected", "reason": "known", "group": "untold"})
    assert (done.status_code, done.headers["Location"]) == (302, "/worklist#untold")
    assert client.get(f"/worklist/{one.type}/{one.id}/case.yaml").mimetype == "application/yaml"
    for table in ("weeks", "rates", "times", "splits", "agreement", "measures", "follow-ups", "drift"):
        rows = list(csv.reader(io.StringIO(client.get(f"/quality/{table}.csv").text)))
        assert {len(row) for row in rows} == {len(rows[0])}
    assert client.get("/quality/wombat.csv").status_code == 404
    assert client.get(f"/patients/{uuid4()}").status_code == 404
    lesions = list(csv.reader(io.StringIO(client.get(f"/patients/{item(database, 'answered').patient}/lesions.csv")
                                          .text)))
    assert lesions[0] == ["lesion", "at", "millimetres"]


def test_no_decision_without_a_token(world):
    """Nobody else may decide in a person's name."""
    database, loaded = world
    one = item(database, "untold")
    client = create_app(loaded).test_client()
    assert client.post(f"/worklist/{one.type}/{one.id}", data={"decision": "done"}).status_code == 400
    assert len(groups(database)["untold"]) == 1


def test_plots_say_the_same_as_their_tables(world):
    """The data of a plot are the numbers of the table beside it."""
    database, loaded = world
    text = create_app(loaded).test_client().get(
        f"/patients/{item(database, 'answered').patient}", headers={"Accept": "text/html"}).text
    plotted = json.loads(html.unescape(text.split('data-plot="')[1].split('"')[0]))
    assert plotted["series"][0]["values"] == [10.0, 20.0]
    assert len(plotted["x"]) == 2
