"""
Our own codes, published as CodeSystem resources: kinds of insight, discrepancies, assertions, issue codes.

They are made from the enumerations and the catalogue themselves, so they cannot say anything else.
"""

from collections.abc import Iterable

from fhir_adapter.emitters.elements import BASE
from fhir_adapter.issues import CATALOGUE
from fhir_adapter.model.code import Code
from fhir_adapter.model.insight import Detail, DiscrepancyType, Kind, LateralityDiscrepancy
from fhir_adapter.model.reading import Assertion
from fhir_adapter.model.report import JSON, JSONObject

KINDS = f"{BASE}/CodeSystem/insight-kind"
DISCREPANCIES = f"{BASE}/CodeSystem/laterality-discrepancy"
ASSERTIONS = f"{BASE}/CodeSystem/assertion"
ISSUES = f"{BASE}/CodeSystem/issue"


def kind_code(kind: Kind) -> Code:
    """The code of a kind of insight."""
    return Code(system=KINDS, code=kind.value)


def detail_code(detail: Detail) -> tuple[Code, ...]:
    """The finer code of an insight, where its kind has one."""
    if isinstance(detail, LateralityDiscrepancy):
        return (Code(system=DISCREPANCIES, code=detail.type.value),)
    return ()


def assertion_code(assertion: Assertion) -> Code:
    """The code of an assertion; SNOMED CT has no agreed one for each."""
    return Code(system=ASSERTIONS, code=assertion.value)


def code_systems() -> tuple[JSONObject, ...]:
    """All our CodeSystems, FHIR R4 JSON."""
    return (
        _system(KINDS, "Kinds of insight", ((k.value, k.value, "") for k in Kind)),
        _system(DISCREPANCIES, "Kinds of laterality discrepancy", ((d.value, d.value, "") for d in DiscrepancyType)),
        _system(ASSERTIONS, "How a report means a finding", ((a.value, a.value, "") for a in Assertion)),
        _system(ISSUES, "What can go wrong", ((e.code, e.rule, e.mend) for e in CATALOGUE.values())),
    )


def _system(url: str, title: str, concepts: Iterable[tuple[str, str, str]]) -> JSONObject:
    listed: list[JSON] = []
    for code, display, definition in concepts:
        entry: dict[str, JSON] = {"code": code, "display": display}
        if definition:
            entry["definition"] = definition
        listed.append(entry)
    return {"resourceType": "CodeSystem", "id": url.rsplit("/", 1)[1], "url": url,
            "name": "".join(word.capitalize() for word in url.rsplit("/", 1)[1].split("-")), "title": title,
            "status": "active", "caseSensitive": True, "content": "complete", "count": len(listed), "concept": listed}
