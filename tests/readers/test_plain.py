"""Plain words with order fields as JSON: read as any report, and given back without the person."""

import json
from datetime import date

import pytest

from fhir_adapter import pipeline, readers
from fhir_adapter.errors import MessageError
from fhir_adapter.model.report import Age, Contrast, ReportStatus, Sex, Side

REPORT = {"text": "FINDINGS: Mr. Zzyzx has\r\na clear chest on 2026-03-09.", "status": "final", "service": "2026-03-09",
          "id": "R-77120", "patient": {"id": "ZQ4417709", "name": "Quillon Frumious Zzyzx", "sex": "male", "age": 93},
          "order": {"text": "CT CHEST LEFT WITH CONTRAST", "reason": "Cough", "number": "PL77120"}}


def read(settings, tables, **change):
    """The one report of the object with some fields changed."""
    payload = json.dumps(REPORT | change).encode()
    return readers.choose(payload).read(payload, settings=settings, tables=tables)[0]


def test_every_field_finds_its_place(settings, tables):
    """Words, status, days, patient and what the order's words say."""
    report = read(settings, tables)
    assert report.text == "FINDINGS: Mr. Zzyzx has\na clear chest on 2026-03-09."
    assert (report.status, report.service, report.patient.sex, report.patient.age) == (
        ReportStatus.FINAL, date(2026, 3, 9), Sex.MALE, Age(value=93))
    assert (report.order.modality, report.order.side, report.order.contrast, report.origin.identity) == (
        "CT", Side.LEFT, Contrast.WITH, "R-77120")


@pytest.mark.parametrize("name", ["Quillon Frumious Zzyzx", "Zzyzx, Quillon Frumious"])
def test_a_name_is_known_in_either_order(settings, tables, name):
    """Family name last, or first before a comma."""
    (found,) = (one for one in read(settings, tables, patient={"name": name}).identifiers if one.parts)
    assert found.parts == (("given", "Quillon"), ("middle", "Frumious"), ("family", "Zzyzx"))


def test_a_report_that_is_sent_again_is_the_same_report(settings, tables):
    """By its id, else its accession number, else its words."""
    known_by = ({}, {"id": None, "study": {"accession": "ACC5550177"}}, {"id": None})
    first = [read(settings, tables, **one).origin.identity for one in known_by]
    again = [read(settings, tables, **one, status="amended").origin.identity for one in known_by]
    assert (first == again, len(set(first))) == (True, 3)


def test_it_is_given_back_without_the_person(settings, tables):
    """Names dropped, numbers pseudonyms, days moved alike in fields and words, the age of 93 left out."""
    payload = json.dumps(REPORT).encode()
    safe = json.loads(pipeline.scrub(payload, settings=settings, tables=tables))
    named = ("zzyzx", "quillon", "4417709", "77120", "2026-03-09")
    assert [one for one in named if one in json.dumps(safe).lower()] == []
    assert (set(safe["patient"]), safe["order"]["text"], safe["service"] in safe["text"]) == (
        {"id", "sex"}, "CT CHEST LEFT WITH CONTRAST", True)


@pytest.mark.parametrize(("payload", "code"), [
    (b'{"text": "x"', "FHIR-200"), (b'{"text": 1}', "TXT-802"), (b'{"text": ""}', "TXT-800"),
    (b'{"text": ' + b'{"text":' * 100 + b"1" + b"}" * 101, "FHIR-210"), (b'{"words": "x"}', "FHIR-201")])
def test_what_is_wrong_is_named(settings, tables, payload, code):
    """A code each; an object without `text` is taken for FHIR and refused as such."""
    with pytest.raises(MessageError) as raised:
        readers.choose(payload).read(payload, settings=settings, tables=tables)
    assert raised.value.issues[0].code == code


def test_words_over_the_limit_are_refused(settings, tables):
    """TXT-803, before anything reads them."""
    with pytest.raises(MessageError) as raised:
        read(settings.model_copy(update={"max_text_characters": 20}), tables)
    assert raised.value.issues[0].code == "TXT-803"
