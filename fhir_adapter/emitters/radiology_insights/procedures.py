"""
Imaging procedures: those that were ordered, and those that are recommended or proposed.

Lists are there even where they are empty, and a body part that is not named has the words of the procedure: published
programs walk both without looking whether they are there.
"""

from collections.abc import Iterable

from fhir_adapter.emitters.elements import Resource, date_time
from fhir_adapter.emitters.radiology_insights.observation import observation
from fhir_adapter.emitters.radiology_insights.terms import Terms, extended
from fhir_adapter.model.code import LOINC, Code
from fhir_adapter.model.insight import FollowUp, ImagingProcedure, Proposal, RadiologyProcedure, Reason
from fhir_adapter.model.reading import RecommendationKind
from fhir_adapter.model.report import JSON, Contrast, Moment, Side
from fhir_adapter.model.span import Span


def followup(told: FollowUp, terms: Terms) -> Resource:
    """A recommendation of the report."""
    wanted = told.recommendation
    where = wanted.procedure_span or wanted.cue
    out = _when(told.due, told.start, told.end)
    out["findings"] = [_reason(reason, terms) for reason in told.reasons]
    out |= {"isConditional": wanted.conditional, "isOption": wanted.option, "isGuideline": wanted.guideline,
            "isHedging": wanted.hedging}
    if wanted.kind is RecommendationKind.IMAGING:
        site = wanted.site
        out["recommendedProcedure"] = _imaging(
            modality=wanted.procedure or terms.modalities.get(wanted.modality),
            anatomy=site.code if site else None, side=wanted.side, contrast=wanted.contrast,
            terms=terms, named=where, placed=site.span if site else where, sided=site.side_span if site else None)
    else:
        out["recommendedProcedure"] = _generic(wanted.kind, wanted.procedure, terms, where)
    return out


def proposal(told: Proposal, terms: Terms) -> Resource:
    """What a guideline proposes; it is not in the report, so it has no words and no findings."""
    out = _when(told.start if told.start == told.end else None, told.start, told.end)
    out |= {"findings": [], "isConditional": told.conditional, "isOption": told.option, "isGuideline": False,
            "isHedging": False}
    if told.nothing:
        out["recommendedProcedure"] = _imaging(modality=terms.codes["modality", "none"], anatomy=None, terms=terms)
    elif told.kind is RecommendationKind.IMAGING:
        out["recommendedProcedure"] = _imaging(modality=told.procedure, anatomy=told.anatomy, side=told.side,
                                               terms=terms)
    else:
        out["recommendedProcedure"] = _generic(told.kind, told.procedure, terms)
    return out


def ordered(told: RadiologyProcedure, terms: Terms) -> Resource:
    """What was ordered; code and words are the sender's own."""
    order = terms.request.report.order
    out: Resource = {"procedureCodes": [terms.concept(code) for code in told.procedure_codes],
                     "imagingProcedures": [_ordered(imaging, terms) for imaging in told.imaging]}
    procedure: Resource = {}
    if order.code:
        procedure["code"] = {"coding": [{"code": order.code.code}]}
    return out | {"orderedProcedure": procedure | {"description": order.text}}


def _ordered(imaging: ImagingProcedure, terms: Terms) -> Resource:
    out = _part(imaging.modality, imaging.anatomy, imaging.side, imaging.contrast, terms)
    if imaging.view:
        out["view"] = _typed(imaging.view, imaging.view_types, terms)
    return out


def _part(modality: Code, anatomy: Code, side: Side | None, contrast: Contrast | None, terms: Terms,
          named: Span | None = None, placed: Span | None = None, sided: Span | None = None) -> Resource:
    out: Resource = {"modality": terms.concept(modality, named), "anatomy": terms.concept(anatomy, placed)}
    if side:
        out["laterality"] = terms.code("side", side.value, sided)
    if contrast:
        out["contrast"] = _typed(terms.codes["contrast", contrast.value], (), terms)
    return out


def _typed(code: Code, types: Iterable[Code], terms: Terms) -> Resource:
    return {"code": terms.concept(code), "types": [terms.concept(one) for one in types]}


def _imaging(*, modality: Code | None, anatomy: Code | None, terms: Terms, side: Side | None = None,
             contrast: Contrast | None = None, named: Span | None = None, placed: Span | None = None,
             sided: Span | None = None) -> Resource:
    known = modality is not None and modality.system == LOINC
    out: Resource = {"kind": "imagingProcedureRecommendation",
                     "procedureCodes": [terms.concept(modality, named)] if modality and known else []}
    part = _part(modality or terms.codes["modality", "unknown"], anatomy or terms.codes["anatomy", "unknown"], side,
                 contrast, terms, named, placed, sided)
    return out | {"imagingProcedures": [part]}


def _generic(kind: RecommendationKind, procedure: Code | None, terms: Terms, named: Span | None = None) -> Resource:
    """Anything but imaging; the description names the procedure, where the report does."""
    use = "consultation" if kind is RecommendationKind.CONSULTATION else "management"
    code = terms.codes["procedure", use]
    return extended({"kind": "genericProcedureRecommendation", "code": terms.concept(code, named),
                     "description": procedure.display if procedure and procedure.display else code.display},
                    terms.words(named))


def _reason(reason: Reason, terms: Terms) -> JSON:
    out: Resource = {"finding": observation(reason.finding, terms)}
    if reason.critical:
        out["criticalFinding"] = {"description": reason.critical}
    out["recommendationFindingStatus"] = reason.status.value
    return extended(out, terms.words(reason.finding.span))


def _when(due: Moment | None, start: Moment | None, end: Moment | None) -> Resource:
    """These dates are the sender's already."""
    if due:
        return {"effectiveAt": date_time(due)}
    period: Resource = {name: date_time(one) for name, one in (("start", start), ("end", end)) if one}
    return {"effectivePeriod": period} if period else {}
