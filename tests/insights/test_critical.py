"""Critical results: every published name, each thing once, and restraint."""

import pytest
import yaml

from fhir_adapter import insights
from fhir_adapter.errors import TableError
from fhir_adapter.insights.case import look
from fhir_adapter.model.insight import Kind
from fhir_adapter.tables import critical as critical_table
from fhir_adapter.tables.critical import Certainty
from tests.conftest import ROOT

SENTENCES = [case for name in ("critical_sentences", "critical_reports", "critical_more")
             for case in yaml.safe_load((ROOT / f"tests/insights/{name}.yaml").read_text(encoding="utf-8"))]


def names(reading, tables):
    """The published names of the critical results."""
    return [judged.row.name for judged in look(reading, tables.judgement).critical]


@pytest.mark.parametrize("case", SENTENCES, ids=[case["text"][:60] for case in SENTENCES])
def test_sentences_give_their_critical_results(case, read, tables):
    """A short report gives the critical results that a radiologist would call about, by published name, or none."""
    assert sorted(case["expect"]) == sorted(names(read(case["text"], case.get("order", "")), tables))


def test_each_name_is_told_in_other_words_and_nothing_else_is(read, tables):
    """Some two hundred wordings give the one result that they are, a hundred near misses none."""
    cases = yaml.safe_load((ROOT / "tests/insights/critical_phrasings.yaml").read_text(encoding="utf-8"))
    wrong = {case["text"]: said for case in cases if (said := names(read(case["text"]), tables)) != case["expect"]}
    assert wrong == {}


def test_every_published_name_has_a_row(tables):
    """The 146 names of the published list of Radiology Insights are each the name of a row, or another name of one."""
    rows = tables.judgement.critical.rows
    assert len({name for row in rows for name in (row.name, *row.also)}) == 146


def test_each_category_has_its_time(tables):
    """Minutes, hours and days of the ACR categories are the sixty minutes, eight hours and three days of the table."""
    times = {(row.urgency.value, row.within_minutes) for row in tables.judgement.critical.rows}
    assert times == {("RID49480", 60), ("RID49481", 480), ("RID49482", 4320)}


@pytest.mark.parametrize(("text", "told"), [
    ("IMPRESSION: Small right apical pneumothorax, 8 mm, was 15 mm yesterday.", False),
    ("IMPRESSION: 9 mm nodule in the right upper lobe, previously 9 mm.", False),
    ("IMPRESSION: 9 mm nodule in the right upper lobe, previously 6 mm.", True),
])
def test_what_has_not_grown_by_its_own_numbers_is_no_news(text, told, read, tables):
    """A size that is no larger than the earlier one beside it settles a finding, without a word of stability."""
    assert bool(names(read(text), tables)) == told


def test_a_thing_is_told_once(read, tables):
    """One embolus in findings and impression is one result, by its exactest name, with the words of both."""
    reading = read("FINDINGS: Saddle embolus.\nIMPRESSION: Acute pulmonary embolism.")
    (judged,) = look(reading, tables.judgement).critical
    assert judged.row.name == "SADDLE PULMONARY EMBOLUS"
    assert {m.span.of(reading.report.text) for m in judged.mentions} == {"Saddle embolus", "pulmonary embolism"}


def test_what_one_section_calls_stable_is_no_news_in_another(read, tables):
    """A nodule that the findings call unchanged is not told of because the impression names it without a word."""
    assert names(read("FINDINGS: 9 mm nodule in the right upper lobe, unchanged.\n"
                      "IMPRESSION: 9 mm right upper lobe nodule."), tables) == []


@pytest.mark.parametrize(("text", "certainty"), [
    ("IMPRESSION: Acute pulmonary embolism.", Certainty.PRESENT),
    ("IMPRESSION: Findings suspicious for pulmonary embolism.", Certainty.SUSPECTED),
    ("IMPRESSION: Possible pulmonary embolism in a right lower lobe branch.", Certainty.POSSIBLE),
])
def test_what_must_be_told_in_minutes_is_told_in_doubt(text, certainty, read, tables):
    """A possible embolism is told of, and the result says how sure the report is."""
    assert [j.certainty for j in look(read(text), tables.judgement).critical] == [certainty]


@pytest.mark.parametrize("text", [
    "IMPRESSION: No central embolus. Subsegmental pulmonary embolism cannot be excluded because of motion.",
    "IMPRESSION: Low probability for pulmonary embolism.",
    "IMPRESSION: Adnexal cyst. The differential includes ectopic pregnancy.",
])
def test_what_is_only_not_excluded_or_one_of_a_differential_is_not_told(text, read, tables):
    """The limits of an examination and the far end of a differential are no news, however grave."""
    assert names(read(text), tables) == []


@pytest.mark.parametrize(("text", "told"), [
    ("INDICATION: Colon cancer, restaging.\nIMPRESSION: New liver metastases.", False),
    ("HISTORY: Lung cancer screening, family history of lung cancer.\nIMPRESSION: Liver metastases.", True),
    ("INDICATION: Rule out malignancy.\nIMPRESSION: Findings consistent with osseous metastases.", True),
    ("INDICATION: Breast cancer.\nMRI BRAIN. IMPRESSION: Three enhancing lesions consistent with metastases.", True),
    ("IMPRESSION: Progression of pulmonary metastases in a patient with known melanoma.", False),
])
def test_a_known_cancer_is_no_news_outside_the_brain(text, told, read, tables):
    """Metastases are told of where no cancer is known, and in the brain; one that is only asked for is not known."""
    assert bool(names(read(text), tables)) == told


@pytest.mark.parametrize(("text", "told"), [
    ("IMPRESSION: Pneumonia is likely.", True), ("IMPRESSION: Atelectasis versus pneumonia.", False),
])
def test_what_may_wait_is_told_only_on_suspicion(text, told, read, tables):
    """A pneumonia is told of when the report calls it likely, not when it is one of two possibilities."""
    assert bool(names(read(text), tables)) == told


@pytest.mark.parametrize(("size", "name"), [
    ("5.4 cm", "THORACIC AORTIC ANEURYSM >6 CM OR ABDOMINAL AORTIC ANEURYSM >5 CM, NO EVIDENCE OF ACUTE INSTABILITY"),
    ("4.1 cm", None),
])
def test_an_aneurysm_is_judged_by_its_size(size, name, read, tables):
    """An abdominal aortic aneurysm is told of from 5 cm; a smaller one, not said to be new, is not."""
    assert names(read(f"IMPRESSION: {size} infrarenal abdominal aortic aneurysm."), tables) == ([name] if name else [])


def test_the_insight_says_by_which_row(read, tables):
    """The insight names the row of the table that decided it."""
    reading = read("IMPRESSION: Sigmoid volvulus.")
    (insight,) = insights.run(reading, tables=tables, chosen=(Kind.CRITICAL_RESULT.value,))
    assert insight.rule == "critical_results.yaml volvulus"


@pytest.mark.parametrize(("old", "new", "place"), [
    ("takes: [bowel-obstruction]", "takes: [nothing-of-this]", "closed-loop:takes"),
    ("concepts: [brain-death]", "concepts: [no-such-concept]", "brain-death"),
    ("sentence: saddle", "sentence: (saddle", "saddle-embolus:sentence"),
])
def test_a_broken_row_is_named(old, new, place, tmp_path):
    """A row that names no row, no concept or no pattern is refused with its id, before any report is read."""
    from shutil import copytree

    copytree(ROOT / "mappings" / "nlp", tmp_path / "nlp")
    copytree(ROOT / "mappings" / "insights", tmp_path / "insights")
    path = tmp_path / "insights" / "critical_results.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=place):
        critical_table.load(tmp_path)
