"""What OpenAPI says of the Radiology Insights API beyond its addresses: api-version, a job's body, its answers."""

from fhir_adapter.model.inference import INFERENCE_TYPES
from fhir_adapter.model.report import JSON
from fhir_adapter.readers.radiology_insights import LOCALES, MEASURES, VERSIONS

_STRING: JSON = {"type": "string"}
_MOMENT: JSON = {"type": "string", "format": "date-time"}


def parameters() -> list[JSON]:
    """The query of every job."""
    return [{"name": "api-version", "in": "query", "required": True,
             "schema": {"type": "string", "enum": list(VERSIONS)}}]


def body() -> JSON:
    """The schema of a job's body; elements that are only judged are left to the reference page."""
    coding = _object(system=_STRING, code=_STRING, display=_STRING)
    ordered = _object(code=_object(coding=_list(coding)), description=_STRING)
    document = _object(
        ("type", "id", "content"), type={"const": "note"}, id=_STRING, clinicalType=_STRING, language=_STRING,
        createdAt=_MOMENT, authors=_list(_object(id=_STRING, fullName=_STRING)), specialtyType=_STRING,
        administrativeMetadata=_object(orderedProcedures=_list(ordered), encounterId=_STRING),
        content=_object(("sourceType", "value"), sourceType={"const": "inline"}, value=_STRING))
    details = _object(sex={"enum": ["female", "male", "unspecified"]}, birthDate={"type": "string", "format": "date"},
                      clinicalInfo=_list({"type": "object"}))
    patient = _object(("id", "patientDocuments"), id=_STRING, details=details, patientDocuments=_one(document),
                      encounters={"type": "array", "maxItems": 1, "items": _object(("id",), id=_STRING)})
    return _object(("jobData",), jobData=_object(("patients",), patients=_one(patient), configuration=_configuration()))


def _configuration() -> JSON:
    flag: JSON = {"type": "boolean"}
    options = _object(
        followupRecommendationOptions=_object(
            includeRecommendationsWithNoSpecifiedModality=flag, includeRecommendationsInReferences=flag,
            provideFocusedSentenceEvidence=flag),
        findingOptions=_object(provideFocusedSentenceEvidence=flag),
        guidanceOptions=_object(showGuidanceInHistory=flag),
        qualityMeasureOptions=_object(("measureTypes",), measureTypes=_list({"enum": list(MEASURES)})))
    kinds: JSON = {"anyOf": [{"enum": [kind.value for kind in INFERENCE_TYPES]}, _STRING]}
    return _object(verbose=flag, includeEvidence={"type": "boolean", "default": True}, inferenceTypes=_list(kinds),
                   locale={"enum": list(LOCALES)}, inferenceOptions=options)


def responses(method: str) -> dict[str, JSON]:
    """The answers to a job."""
    job: JSON = {"application/json": {"schema": _object(
        ("id", "status", "createdAt", "expiresAt", "updatedAt"), id=_STRING, createdAt=_MOMENT, expiresAt=_MOMENT,
        updatedAt=_MOMENT, status={"enum": ["notStarted", "running", "succeeded", "failed", "canceled"]},
        result=_object(("patientResults", "modelVersion"), modelVersion=_STRING, patientResults=_list(
            _object(("patientId", "inferences"), patientId=_STRING, inferences=_list({"type": "object"})))),
        error={"type": "object"})}}
    error: JSON = {"application/json": {"schema": _object(("error",), error=_object(
        ("code", "message"), code=_STRING, message=_STRING, target=_STRING, details=_list({"type": "object"}),
        innererror=_object(code=_STRING)))}}
    told: tuple[tuple[str, str, JSON], ...] = (
        ("200", "The job.", job), ("4XX", "Refused; the error names code, place, rule and mend.", error),
        ("5XX", "Our fault.", error))
    if method == "PUT":
        told = (("201", "The job is done and kept for 24 hours.", job), *told)
    return {status: {"description": what, "content": content} for status, what, content in told}


def _object(required: tuple[str, ...] = (), **properties: JSON) -> JSON:
    out: dict[str, JSON] = {"type": "object", "properties": dict(properties)}
    return out | {"required": list(required)} if required else out


def _list(items: JSON) -> JSON:
    return {"type": "array", "items": items}


def _one(items: JSON) -> JSON:
    return {"type": "array", "minItems": 1, "maxItems": 1, "items": items}
