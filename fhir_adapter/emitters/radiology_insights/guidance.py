"""What a guideline says about a finding: what it asked for, what the report tells of it, what follows."""

import re

from fhir_adapter.emitters.elements import Resource
from fhir_adapter.emitters.radiology_insights.observation import measured, observation, quantity
from fhir_adapter.emitters.radiology_insights.procedures import proposal
from fhir_adapter.emitters.radiology_insights.terms import Terms, extended
from fhir_adapter.model.insight import Guidance, GuidanceItem, Kind
from fhir_adapter.model.report import JSON

_DIAMETER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)


def guided(guidance: Guidance, terms: Terms) -> Resource:
    """The fields of a guidance inference; proposals and missing items exclude each other.

    All three lists are there even where they are empty: published programs walk them without looking.
    """
    finding = guidance.finding
    found = extended({"kind": Kind.FINDING.value, "finding": observation(finding, terms)},
                     [*terms.words(finding.span, *finding.cues), *terms.section(finding.sentence.section)])
    out: Resource = {"finding": found, "identifier": terms.concept(guidance.identifier, finding.span),
                     "ranking": guidance.ranking.value}
    out["presentGuidanceInformation"] = [_item(item, terms) for item in guidance.present]
    out["missingGuidanceInformation"] = [item.name for item in guidance.missing]
    out["recommendationProposals"] = [{"kind": Kind.FOLLOWUP_RECOMMENDATION.value, **proposal(one, terms)}
                                      for one in guidance.proposals]
    return out


def _item(item: GuidanceItem, terms: Terms) -> JSON:
    out: Resource = {"presentGuidanceItem": item.name}
    if item.sizes:
        components: list[JSON] = [part for size in item.sizes[:1] for part in measured(size, terms)]
        out["sizes"] = [{"resourceType": "Observation", "status": "unknown", "code": terms.code("component", "size"),
                         "component": components}]
    largest = _DIAMETER.search(item.maximum_diameter)
    if largest:
        out["maximumDiameterAsInText"] = quantity(float(largest[1]), largest[2].lower(), terms)
    # An item that is a size has its name for a value, as in the reference.
    out["presentGuidanceValues"] = list(item.values or (item.name,))
    return extended(out, terms.words(*item.spans))
