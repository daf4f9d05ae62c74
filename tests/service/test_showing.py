"""What a person sees of a message is what its resources say, each piece of it named, and nothing of it can act."""

import json
from dataclasses import replace

import pytest

from fhir_adapter import readers
from fhir_adapter.deid import scrub
from fhir_adapter.model.report import Paragraph
from fhir_adapter.model.span import Span
from fhir_adapter.pipeline import convert
from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.showing.fields import fields
from fhir_adapter.service.showing.report import Shown, pieces, shown
from fhir_adapter.service.showing.tree import tree
from fhir_adapter.settings import load
from fhir_adapter.wire import er7
from tests.golden.twins import SAMPLES


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Settings, tables and engine."""
    return adapter(load(data_dir=tmp_path_factory.mktemp("showing"), key="5a" * 32))


@pytest.fixture(scope="module")
def nodule(loaded):
    """The report of a sample with many insights."""
    payload = (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes()
    (outcome,) = convert(payload, settings=loaded.settings, tables=loaded.tables, engine=loaded.engine)
    resources = [(entry["resource"], 1) for entry in outcome.resources.bundle["entry"]]
    (report,) = readers.choose(payload).read(payload, settings=loaded.settings, tables=loaded.tables)
    safe = scrub(report, settings=loaded.settings, tables=loaded.tables)
    return outcome, shown(resources, paragraphs=safe.paragraphs)


def insight(number: int, *spans: Span, style: str = "present") -> Shown:
    """An insight that matters only by its words."""
    return Shown(number=number, kind="finding", urgency="", style=style, statement="", rule="", confidence=None,
                 words=("",), evidence=spans, type="Observation", id=str(number), version=1, resource={})


def test_the_pieces_are_the_text(nodule):
    """The pieces, one after the other, are the report's text."""
    outcome, report = nodule
    assert "".join(piece.text for piece in report.pieces) == outcome.reading.report.text == report.text


def test_every_insight_is_shown_once_with_its_words(nodule):
    """Each insight of the engine is there, with evidence that the text holds; one may be more than one resource."""
    outcome, report = nodule
    assert len(report.insights) >= len(outcome.insights)
    assert len({(one.type, one.id) for one in report.insights}) == len(report.insights)
    assert sorted({one.kind for one in report.insights}) == sorted({one.kind.value for one in outcome.insights})
    for one in (one for one in report.insights if not one.whole):
        covered = "".join(piece.text for piece in report.pieces if one.number in piece.insights)
        assert (bool(one.words), all("".join(w.split()) in "".join(covered.split()) for w in one.words)) == (True, True)


def test_the_most_urgent_come_first(nodule):
    """Groups go from what someone must be told within minutes to what is folded away: denied findings, measures."""
    groups = [(group.name, group.quiet) for group in nodule[1].groups]
    assert (groups[0], groups[-2:]) == (("Tell someone within minutes", False),
                                        [("Denied or recalled", True), ("Quality measures", True)])


def test_words_know_their_field(nodule):
    """Every word of the report names the field of the message that it came in."""
    assert {piece.source for piece in nodule[1].pieces if piece.insights} == {"OBX[1]-5"}


def test_overlapping_evidence():
    """Words that prove two insights are a piece of their own, in the style of the stronger one."""
    text = "mass in the left lung"
    cut = list(pieces(text, [insight(1, Span(0, 16)), insight(2, Span(12, 21), style="possible")]))
    assert [(piece.text, piece.insights, piece.style) for piece in cut] == [
        ("mass in the ", (1,), "present"), ("left", (1, 2), "present"), (" lung", (2,), "possible")]


def test_the_whole_report_as_proof_is_not_underlined():
    """An insight that the whole report proves underlines none of it."""
    (piece,) = pieces("x" * 200, [replace(insight(1, Span(0, 200)), whole=True)])
    assert (piece.insights, len(piece.text)) == ((), 200)


def test_control_characters_cannot_act():
    """Control and direction characters of a text are replaced one by one, so that offsets still hold."""
    (piece,) = pieces("a\x1b[31m\u202eb\n", [])
    assert piece.text == "a\ufffd[31m\ufffdb\n"


def test_headings_and_fields_cut_the_text():
    """A heading is a piece of its own, and so is what came in another field."""
    paragraphs = (Paragraph(span=Span(0, 15), source="OBX[1]-5"), Paragraph(span=Span(16, 24), source="OBX[2]-5"))
    cut = list(pieces("FINDINGS: none.\nSigned X", [], paragraphs))
    assert [(piece.text, piece.heading, piece.source) for piece in cut] == [
        ("FINDINGS:", True, "OBX[1]-5"), (" none.", False, "OBX[1]-5"), ("\n", False, ""),
        ("Signed X", False, "OBX[2]-5")]


def test_fields_have_names_and_marks(loaded):
    """A field has its name in the standard, a mark where no one read it, and the code of what is wrong with it."""
    message = er7.parse("MSH|^~\\&|RIS\rPID|1||ZQ1||ZZYZX^QUILLON\rOBX|1|TX|||a\rOBX|2|TX|||b\r")
    shown_segments = fields(message, names=loaded.tables.messages.field_names, unused=("PID-1",), hidden=False,
                            wrong=(("OBX[2]-5", "HL7-108"), ("PID-8", "HL7-131"), ("ZDS", "HL7-130")))
    pid = {field.number: field for field in shown_segments[1].fields}
    assert (pid[5].name, pid[5].value, pid[1].unused, pid[5].unused) == ("Patient name", "ZZYZX^QUILLON", True, False)
    assert [(one.name, one.number, [f.number for f in one.fields if f.wrong]) for one in shown_segments[2:]] == [
        ("OBX", 1, []), ("OBX", 2, [5]), ("ZDS", 1, [])]
    assert (shown_segments[-1].missing, shown_segments[-1].wrong) == (True, ("HL7-130",))
    assert shown_segments[1].wrong == ("HL7-131",)


def test_hidden_fields_tell_nothing():
    """Where a message could not be de-identified, only its head is shown."""
    message = er7.parse("MSH|^~\\&|RIS\rPID|1||ZQ1||ZZYZX^QUILLON\r")
    values = [field.value for segment in fields(message, names={}, unused=(), wrong=(), hidden=True)[1:]
              for field in segment.fields]
    assert set(values) == {"•••"}


def test_a_tree_names_its_places():
    """Elements of a resource have the places that issues name."""
    made = tree({"resourceType": "Bundle", "entry": [{"resource": {"status": "final"}}]},
                wrong=[("Bundle.entry[0].resource.status", "FHIR-216")])
    status = made[1].below[0].below[0].below[0]
    assert (status.place, status.value, status.wrong) == ("Bundle.entry[0].resource.status", "final", ("FHIR-216",))
    assert json.dumps(made[0].key) == '"resourceType"'
