"""Scores, ordered procedures, quality measures and guidance as Observations."""

from decimal import Decimal, InvalidOperation

from fhir_adapter.emitters.context import Subjects
from fhir_adapter.emitters.elements import Resource, concept, number, reference
from fhir_adapter.emitters.observation import base, sizes
from fhir_adapter.emitters.terminology import (
    compliance_code,
    item_code,
    measure_code,
    score_code,
)
from fhir_adapter.model.code import UCUM
from fhir_adapter.model.insight import Guidance, GuidanceItem, Insight, QualityMeasure, RadiologyProcedure, Scoring
from fhir_adapter.model.report import JSON
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.tables.emission import EmissionTables

_PERCENT = ("RISK", "FRAX")


def assessment(insight: Insight, identity: str, about: list[str], safe: SafeReport, ids: Subjects,
               tables: EmissionTables) -> Resource:
    """The Observation of a score, procedure, measure or guidance; `about` are Observations that it derives from."""
    out = base(insight, identity, safe, ids, tables)
    detail = insight.detail
    if isinstance(detail, Scoring):
        out |= _score(detail, tables)
    elif isinstance(detail, RadiologyProcedure):
        out |= _procedure(detail, tables)
    elif isinstance(detail, QualityMeasure):
        out |= _measure(detail)
    elif isinstance(detail, Guidance):
        out |= _guidance(detail, tables)
    if about:
        out["derivedFrom"] = [reference("Observation", one) for one in about]
    return out


def _score(scoring: Scoring, tables: EmissionTables) -> Resource:
    score = scoring.score
    out: Resource = {"code": concept(score_code(scoring.category, scoring.description), text=scoring.description)}
    low, high = _decimal(score.value), _decimal(score.high or "")
    unit: Resource = {"unit": "%", "system": UCUM, "code": "%"} if any(w in scoring.category for w in _PERCENT) else {
        "system": UCUM, "code": "1"}
    if scoring.category.endswith("RADS") or low is None:
        out["valueCodeableConcept"] = {"text": f"{score.value} to {score.high}" if score.high else score.value}
    elif high is not None:
        out["valueRange"] = {"low": {"value": number(low)} | unit, "high": {"value": number(high)} | unit}
    else:
        out["valueQuantity"] = {"value": number(low)} | unit
    if score.side:
        out["component"] = [_coded("laterality", concept(tables.codes["side", score.side.value]), tables)]
    return out


def _decimal(value: str) -> Decimal | None:
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _procedure(procedure: RadiologyProcedure, tables: EmissionTables) -> Resource:
    codes = (*procedure.procedure_codes, *((procedure.ordered,) if procedure.ordered else ()))
    components: list[JSON] = []
    for imaging in procedure.imaging:
        components += [_coded("modality", concept(imaging.modality), tables),
                       _coded("anatomy", concept(imaging.anatomy), tables)]
        if imaging.side:
            components.append(_coded("laterality", concept(tables.codes["side", imaging.side.value]), tables))
        if imaging.contrast:
            components.append(_coded("contrast", concept(tables.codes["contrast", imaging.contrast.value]), tables))
        components += [_coded("view", concept(view), tables)
                       for view in (*((imaging.view,) if imaging.view else ()), *imaging.view_types)]
    out: Resource = {"code": concept(*dict.fromkeys(codes), text=procedure.description or "Imaging procedure"),
                     "valueBoolean": True}
    if procedure.imaging:
        out["bodySite"] = concept(procedure.imaging[0].anatomy)
    return out | {"component": components}


def _measure(measure: QualityMeasure) -> Resource:
    out: Resource = {"code": concept(measure_code(measure.measure, measure.title), text=measure.title),
                     "valueCodeableConcept": concept(compliance_code(measure.compliance))}
    if measure.criteria:
        out["component"] = [{"code": {"text": criterion}, "valueBoolean": True} for criterion in measure.criteria]
    out["note"] = [{"text": f"Denominator {measure.denominator}, measure of {measure.year}."}]
    return out


def _guidance(guidance: Guidance, tables: EmissionTables) -> Resource:
    components: list[JSON] = []
    for item in guidance.present:
        components += _item(item, tables)
    components += [{"code": concept(item_code(item.name)),
                    "dataAbsentReason": concept(tables.codes["absent", "unknown"])} for item in guidance.missing]
    out: Resource = {"code": concept(guidance.identifier),
                     "valueString": " ".join(p.text for p in guidance.proposals) or "More must be known to propose."}
    if components:
        out["component"] = components
    out["note"] = [{"text": guidance.source}]
    return out


def _item(item: GuidanceItem, tables: EmissionTables) -> list[JSON]:
    if item.sizes:
        return [part for size in item.sizes for part in sizes(size, tables)]
    return [{"code": concept(item_code(item.name)),
             "valueString": "; ".join(item.values) or item.maximum_diameter or "stated"}]


def _coded(name: str, value: Resource, tables: EmissionTables) -> Resource:
    return {"code": concept(tables.codes["component", name]), "valueCodeableConcept": value}
