"""Jobs of the Radiology Insights API: read whole, or refused with every place that is wrong."""

import json
from datetime import UTC, date, datetime

import pytest

from fhir_adapter import pipeline, readers
from fhir_adapter.errors import MessageError, UnsupportedMessage
from fhir_adapter.model.inference import EARLY_TYPES, INFERENCE_TYPES
from fhir_adapter.model.insight import Kind
from fhir_adapter.model.report import IdentifierKind, Side
from fhir_adapter.readers.radiology_insights import request
from tests.jobs import KNEE, PATIENT, document_of, job

DOCUMENT = "jobData.patients[0].patientDocuments[0]"


def read(settings, tables, body, **more):
    """The request that a body asks for."""
    return request(json.dumps(body).encode(), settings=settings, tables=tables, **more)


def refused(settings, tables, payload: bytes, **more) -> set[tuple[str, str]]:
    """Code and place of everything that is wrong."""
    with pytest.raises(MessageError) as caught:
        request(payload, settings=settings, tables=tables, **more)
    return {(issue.code, issue.where) for issue in caught.value.issues}


def test_every_element_finds_its_place(settings, tables):
    """Text as sent, ids, service day, birth date, the order's words, and who is named."""
    asked = read(settings, tables, job("\r\n" + KNEE, "MRI RIGHT KNEE", sex="male"))
    report = asked.report
    assert (report.text, asked.patient_id, asked.document_id) == ("\r\n" + KNEE, PATIENT, "document1")
    assert (report.service, report.patient.birth_date, report.patient.sex.value) == (
        datetime(2023, 8, 31, 9, 30, tzinfo=UTC), date(1959, 11, 11), "male")
    assert (report.order.modality, report.order.side, report.order.text) == ("MR", Side.RIGHT, "MRI RIGHT KNEE")
    assert {(i.kind, i.value) for i in report.identifiers} == {
        (IdentifierKind.ID, PATIENT), (IdentifierKind.DATE, "1959-11-11"), (IdentifierKind.ID, "encounter1"),
        (IdentifierKind.NAME, "Zzyzx Quillon")}


def test_names_in_clinical_information_are_known(settings, tables):
    """Who is named in details.clinicalInfo is looked for in the text too."""
    body = job(KNEE)
    body["jobData"]["patients"][0]["details"]["clinicalInfo"] = [
        {"resourceType": "Patient", "name": [{"family": "Vorpal", "given": ["Esmerelda"]}]}]
    names = [i.value for i in read(settings, tables, body).report.identifiers if i.kind is IdentifierKind.NAME]
    assert "Esmerelda Vorpal" in names


def test_versions_know_their_kinds(settings, tables):
    """A client of 2024-04-01 is told the ten kinds of its contract, later ones all thirteen."""
    for version, kinds in (("2024-04-01", EARLY_TYPES), ("2024-10-01", INFERENCE_TYPES),
                           ("2025-07-01-preview", INFERENCE_TYPES)):
        assert read(settings, tables, job(KNEE), version=version).options.kinds == kinds


def test_options(settings, tables):
    """Every option of the contract, two of them in the spelling of published examples too."""
    options = read(settings, tables, job(
        KNEE, verbose=True, includeEvidence=False, locale="EN-gb", inferenceTypes=["guidance", "finding"],
        inferenceOptions={
            "followupRecommendationOptions": {"includeRecommendationsWithNoSpecifiedModality": True,
                                              "includeRecommendationsInReferences": True,
                                              "provideFocusedSentenceEvidence": True},
            "findingOptions": {"provideFocusedSentenceEvidence": True},
            "GuidanceOptions": {"showGuidanceInHistory": True},
            "QualityMeasureOptions": {"measureTypes": ["mips364", "qmm19"]}})).options
    assert options.kinds == (Kind.FINDING, Kind.GUIDANCE)
    assert (options.verbose, options.include_evidence, options.no_modality, options.in_references) == (
        True, False, True, True)
    assert (options.finding_sentences, options.recommendation_sentences, options.history, options.measures) == (
        True, True, True, ("mips364", "qmm19"))


def _without(*path):
    def change(body):
        inner = body
        for name in path[:-1]:
            inner = inner[name]
        del inner[path[-1]]
    return change


def _with(value, *path):
    def change(body):
        inner = body
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = value
    return change


_IN = ("jobData", "patients", 0, "patientDocuments", 0)


@pytest.mark.parametrize(("change", "code", "place"), [
    (_without("jobData"), "API-901", "jobData"),
    (_without("jobData", "patients"), "API-901", "jobData.patients"),
    (_with([], "jobData", "patients"), "API-904", "jobData.patients"),
    (_with("x", "jobData", "patients"), "API-902", "jobData.patients"),
    (_without("jobData", "patients", 0, "id"), "API-901", "jobData.patients[0].id"),
    (_with(7, "jobData", "patients", 0, "id"), "API-902", "jobData.patients[0].id"),
    (_with("dragon", "jobData", "patients", 0, "details", "sex"), "API-903", "jobData.patients[0].details.sex"),
    (_with("11/11/59", "jobData", "patients", 0, "details", "birthDate"), "API-902",
     "jobData.patients[0].details.birthDate"),
    (_with([{"id": "a"}, {"id": "b"}], "jobData", "patients", 0, "encounters"), "API-904",
     "jobData.patients[0].encounters"),
    (_with("outpatient", "jobData", "patients", 0, "encounters", 0, "class"), "API-903",
     "jobData.patients[0].encounters[0].class"),
    (_without(*_IN[:4]), "API-901", "jobData.patients[0].patientDocuments"),
    (_without(*_IN, "id"), "API-901", f"{DOCUMENT}.id"),
    (_without(*_IN, "type"), "API-901", f"{DOCUMENT}.type"),
    (_with("dicom", *_IN, "type"), "API-905", f"{DOCUMENT}.type"),
    (_with("letter", *_IN, "type"), "API-903", f"{DOCUMENT}.type"),
    (_with("haiku", *_IN, "clinicalType"), "API-903", f"{DOCUMENT}.clinicalType"),
    (_with("de", *_IN, "language"), "API-905", f"{DOCUMENT}.language"),
    (_with("yesterday", *_IN, "createdAt"), "API-902", f"{DOCUMENT}.createdAt"),
    (_with("cardiology", *_IN, "specialtyType"), "API-903", f"{DOCUMENT}.specialtyType"),
    (_with("none", *_IN, "authors"), "API-902", f"{DOCUMENT}.authors"),
    (_without(*_IN, "content"), "API-901", f"{DOCUMENT}.content"),
    (_with("reference", *_IN, "content", "sourceType"), "API-905", f"{DOCUMENT}.content.sourceType"),
    (_with("", *_IN, "content", "value"), "API-901", f"{DOCUMENT}.content.value"),
    (_with(" \n", *_IN, "content", "value"), "API-901", f"{DOCUMENT}.content.value"),
    (_with("\ud800", *_IN, "content", "value"), "API-902", f"{DOCUMENT}.content.value"),
    (_with("yes", "jobData", "configuration", "includeEvidence"), "API-902", "jobData.configuration.includeEvidence"),
    (_with("fr-FR", "jobData", "configuration", "locale"), "API-903", "jobData.configuration.locale"),
    (_with(["finding", "horoscope"], "jobData", "configuration", "inferenceTypes"), "API-903",
     "jobData.configuration.inferenceTypes[1]"),
    (_with({"qualityMeasureOptions": {}}, "jobData", "configuration", "inferenceOptions"), "API-901",
     "jobData.configuration.inferenceOptions.qualityMeasureOptions.measureTypes"),
    (_with({"qualityMeasureOptions": {"measureTypes": ["mips1"]}}, "jobData", "configuration", "inferenceOptions"),
     "API-903", "jobData.configuration.inferenceOptions.qualityMeasureOptions.measureTypes[0]"),
])
def test_what_is_wrong_is_named_by_its_place(settings, tables, change, code, place):
    """One wrong element gives one issue, with its place and never its content."""
    body = job(KNEE)
    change(body)
    assert (code, place) in refused(settings, tables, json.dumps(body).encode())


def test_a_document_twice_is_refused(settings, tables):
    """Two documents, of one id or of two, are two jobs."""
    body = job(KNEE)
    body["jobData"]["patients"][0]["patientDocuments"] *= 2
    assert refused(settings, tables, json.dumps(body).encode()) == {
        ("API-904", "jobData.patients[0].patientDocuments")}


def test_everything_wrong_is_told_at_once(settings, tables):
    """Three mistakes are three issues."""
    body = job(KNEE, locale="tlh")
    document_of(body).update(type="scroll", language="la")
    assert refused(settings, tables, json.dumps(body).encode()) == {
        ("API-903", "jobData.configuration.locale"), ("API-903", f"{DOCUMENT}.type"),
        ("API-905", f"{DOCUMENT}.language")}


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"null", b'{"jobData": NaN}', b"\xff\xfe\x00", b'"jobData"'])
def test_what_is_no_json_object(settings, tables, payload):
    """Bytes that are no JSON object are refused as such."""
    assert {code for code, _ in refused(settings, tables, payload)} == {"API-900"}


def test_limits(settings, tables):
    """A text over the limit, and a nesting without end, are too large."""
    small = settings.model_copy(update={"max_text_characters": 40})
    assert refused(small, tables, json.dumps(job(KNEE)).encode()) == {("API-911", f"{DOCUMENT}.content.value")}
    deep = b'{"jobData":' + b"[" * 100_000
    assert {code for code, _ in refused(settings, tables, deep)} == {"FHIR-210"}


def test_a_job_is_read_by_every_entrance(settings, tables):
    """A job is known among the formats, judged like them, and is not scrubbed."""
    payload = json.dumps(job(KNEE, "MRI RIGHT KNEE")).encode()
    reader = readers.choose(payload)
    (report,) = reader.read(payload, settings=settings, tables=tables)
    assert (reader.name, report.text, reader.validate(payload, settings=settings, tables=tables)) == (
        "radiology-insights", KNEE, ())
    with pytest.raises(UnsupportedMessage):
        pipeline.scrub(payload, settings=settings, tables=tables)
