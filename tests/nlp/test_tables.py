"""Every row of the language tables does what its example says."""

import csv
import json

import pytest

from fhir_adapter import settings as settings_module
from fhir_adapter.model.code import OWN, SNOMED_CT
from fhir_adapter.model.report import Side
from fhir_adapter.nlp import scopes
from fhir_adapter.nlp.engine import load_engine
from fhir_adapter.nlp.findings import within
from fhir_adapter.scan import Matcher, Phrase, fold, longest
from tests.conftest import ROOT
from tests.nlp.reports import safe

NLP = ROOT / "mappings" / "nlp"


@pytest.fixture(scope="module")
def matchers(tables):
    language = tables.language
    return (Matcher(Phrase(text=r.literal, value=r, case=r.case) for r in language.targets),
            Matcher(Phrase(text=r.literal, value=r) for r in language.context))


def test_every_target_is_found_in_its_example(matchers, tables):
    """The longest match of each example is the row itself, so no row hides or doubles another."""
    targets, _ = matchers
    wrong = []
    for row in tables.language.targets:
        found = [m.value for m in longest(targets.find(fold(row.example)))]
        if row not in found or len({r.literal for r in found if r.literal.lower() == row.literal.lower()}) != 1:
            wrong.append(row.literal)
    assert wrong == []


def test_every_cue_bears_as_its_example_says(matchers, tables):
    """In its example each cue is settled on with its direction: forward and backward ones bear on the mention."""
    targets, cues = matchers
    wrong = []
    for row in tables.language.context:
        folded = fold(row.example)
        settled = scopes.settle(cues.find(folded))
        if row not in [cue.value for cue in settled]:
            wrong.append((row.literal, row.direction))
        elif row.direction in ("FORWARD", "BACKWARD", "BIDIRECTIONAL"):
            mentions = longest(targets.find(folded))
            bearing = scopes.link(folded.flat, 0, len(folded.flat), mentions, settled)
            if not any(cue.value == row for found in bearing for cue in found):
                wrong.append((row.literal, row.direction))
    assert wrong == []


def test_every_refinement_makes_its_concept(tables):
    """Each example is read as the exacter concept of its row."""
    engine = load_engine(settings_module.load(key="5a" * 32), tables.language)
    with (NLP / "refinements.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    read = {row["example"]: [f.concept.code for f in engine.read(safe(row["example"])).findings] for row in rows}
    assert read == {row["example"]: [row["refined"]] for row in rows}


def test_every_trait_shows_in_its_example(tables):
    """A midline finding has no side though its sentence names one; a known disease in an indication is historical; an
    adjective that no site makes a finding is none.
    """
    engine = load_engine(settings_module.load(key="5a" * 32), tables.language)
    with (NLP / "traits.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    seen = {}
    for row in rows:
        found = [f for f in engine.read(safe(row["example"])).findings if f.concept.code == row["concept"]]
        seen[row["example"]] = [f.side if row["trait"] in ("sideless", "diffuse") else f.assertion.value for f in found]
    expected = {"sideless": [None], "diffuse": [None], "known": ["historical"], "refined": []}
    assert seen == {row["example"]: expected.get(row["trait"], []) for row in rows}


def test_every_one_sided_examination_gives_its_side(tables):
    """In an examination of one limb or breast, a finding without a side is on its side."""
    engine = load_engine(settings_module.load(key="5a" * 32), tables.language)
    with (NLP / "traits.csv").open(encoding="utf-8") as file:
        examples = [row["example"] for row in csv.DictReader(file) if row["trait"] == "one-sided"]
    read = {example: [f.side for f in engine.read(safe(example)).findings] for example in examples}
    assert read == {example: [Side.LEFT] for example in examples}


def test_an_abnormal_site_is_its_finding(tables):
    """Each example is read as the concept of its row, once."""
    engine = load_engine(settings_module.load(key="5a" * 32), tables.language)
    with (NLP / "abnormal_sites.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    read = {row["example"]: [f.concept.code for f in engine.read(safe(row["example"])).findings] for row in rows}
    assert read == {row["example"]: [row["concept"]] for row in rows}


def test_sites_form_trees(tables):
    """Every site's parents are sites, and none contains itself; the right upper lobe is lung and thorax."""
    sites = tables.language.sites
    assert [code for code, row in sites.items() if row.parent and row.parent not in sites] == []
    assert [code for code in sites if sites[list(within(code, tables.language))[-1]].parent != ""] == []
    assert list(within("45653009", tables.language)) == ["45653009", "39607008", "816094009"]


def test_codes_are_sourced(tables):
    """A concept is SNOMED CT with a check digit (the schema checks it) or our own, and no literal stands twice."""
    systems = {concept.system for concept in tables.language.concepts.values()}
    rules = json.loads((NLP / "targets.json").read_text(encoding="utf-8"))["target_rules"]
    keys = [(fold(rule["literal"]).flat, rule["metadata"].get("case", False)) for rule in rules]
    assert (systems, len(keys) - len(set(keys))) == ({SNOMED_CT, OWN}, 0)
