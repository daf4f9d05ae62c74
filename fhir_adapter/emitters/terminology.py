"""
Our own codes and extensions, published as CodeSystem and StructureDefinition resources.

They are made from the enumerations, the catalogue and the tables themselves, so they cannot say anything else. A server
gives them out at /fhir/CodeSystem/<id> and /fhir/StructureDefinition/<id>.
"""

import re
from collections.abc import Iterable

from fhir_adapter.emitters.elements import BASE
from fhir_adapter.issues import CATALOGUE
from fhir_adapter.model.code import Code
from fhir_adapter.model.insight import (
    Compliance,
    Detail,
    DiscrepancyType,
    Kind,
    LateralityDiscrepancy,
    MeasurementDiscrepancy,
    MeasurementDiscrepancyType,
    ProcedureDiscrepancy,
    ProcedureDiscrepancyType,
)
from fhir_adapter.model.reading import Assertion, RecipientRole
from fhir_adapter.model.report import JSON, JSONObject
from fhir_adapter.tables import Tables
from fhir_adapter.tables.guidance import COMMON_ITEMS

KINDS = f"{BASE}/CodeSystem/insight-kind"
DISCREPANCIES = f"{BASE}/CodeSystem/discrepancy"
ASSERTIONS = f"{BASE}/CodeSystem/assertion"
ISSUES = f"{BASE}/CodeSystem/issue"
RECIPIENTS = f"{BASE}/CodeSystem/recipient-role"
COMPLIANCE = f"{BASE}/CodeSystem/quality-measure-compliance"
MEASURES = f"{BASE}/CodeSystem/quality-measure"
SCORES = f"{BASE}/CodeSystem/scoring-system"
ITEMS = f"{BASE}/CodeSystem/guidance-item"
COMPONENTS = f"{BASE}/CodeSystem/component"
CRITICAL = f"{BASE}/CodeSystem/critical-result"
MODES = f"{BASE}/CodeSystem/mode"

_EXTENSIONS = (
    ("rule", "The table and row by which an insight was decided", "string", ("Element",)),
    ("confidence", "The share of such insights that were right in the evaluation data, 0 to 1", "decimal",
     ("Element",)),
    ("statement", "An insight in one sentence for a person", "string", ("Element",)),
    ("urgency", "How actionable an insight is, by the categories of the American College of Radiology",
     "CodeableConcept", ("Element",)),
    ("within-minutes", "How soon someone must be told of a critical result, in minutes", "integer", ("Element",)),
    ("acknowledged", "Whether the recipient acknowledged the communication", "boolean", ("Communication",)),
    ("recipient-role", "The role of the recipient", "CodeableConcept", ("Communication",)),
    ("issues", "The contained OperationOutcome with what went wrong", "Reference", ("Provenance",)),
)


def kind_code(kind: Kind) -> Code:
    """The code of a kind of insight."""
    return Code(system=KINDS, code=kind.value)


def detail_code(detail: Detail) -> tuple[Code, ...]:
    """The finer code of an insight, where its kind has one."""
    if isinstance(detail, LateralityDiscrepancy | ProcedureDiscrepancy | MeasurementDiscrepancy):
        return (Code(system=DISCREPANCIES, code=detail.type.value),)
    return ()


def assertion_code(assertion: Assertion) -> Code:
    """The code of an assertion; SNOMED CT has no agreed one for each."""
    return Code(system=ASSERTIONS, code=assertion.value)


def recipient_code(role: RecipientRole) -> Code:
    """The code of a recipient's role."""
    return Code(system=RECIPIENTS, code=role.value)


def compliance_code(compliance: Compliance) -> Code:
    """The code of a quality measure's result."""
    return Code(system=COMPLIANCE, code=compliance.value)


def measure_code(measure: str, title: str) -> Code:
    """The code of a quality measure."""
    return Code(system=MEASURES, code=measure, display=title)


def score_code(category: str, title: str) -> Code:
    """The code of a scoring system, by its published name."""
    return Code(system=SCORES, code=_slug(category), display=title)


def item_code(name: str) -> Code:
    """The code of a fact that a guideline asks for, by its published name."""
    return Code(system=ITEMS, code=_slug(name), display=name)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def code_systems(tables: Tables) -> tuple[JSONObject, ...]:
    """All our CodeSystems, FHIR R4 JSON."""
    types = (*DiscrepancyType, *ProcedureDiscrepancyType, *MeasurementDiscrepancyType)
    judged = tables.judgement
    return (
        _system(KINDS, "Kinds of insight", ((k.value, k.value, "") for k in Kind)),
        _system(DISCREPANCIES, "Kinds of discrepancy", ((d.value, d.value, "") for d in types)),
        _system(ASSERTIONS, "How a report means a finding", ((a.value, a.value, "") for a in Assertion)),
        _system(RECIPIENTS, "Who was told", ((r.value, r.value, "") for r in RecipientRole)),
        _system(COMPLIANCE, "Results of a quality measure", ((c.value, c.value, "") for c in Compliance)),
        _system(MEASURES, "Quality measures", ((m.id, m.title, "") for m in judged.measures)),
        _system(SCORES, "Scoring systems", ((_slug(s), s, title) for s, title in judged.score_titles.items())),
        _system(ITEMS, "Facts that a guideline asks for", ((_slug(name), name, "") for name in dict.fromkeys((
            *COMMON_ITEMS, *(item.name for row in judged.guidelines for item in row.items))))),
        _system(COMPONENTS, "Parts of an Observation", (
            (code.code, code.display, "")
            for code in (*tables.emission.codes.values(), *tables.inferences.codes.values())
            if code.system == COMPONENTS)),
        _system(MODES, "Modes of de-identification that no security label tells", (
            (code.code, code.display, "") for code in tables.emission.codes.values() if code.system == MODES)),
        _system(CRITICAL, "Critical results", ((r.id, r.name, "") for r in judged.critical.rows)),
        _system(ISSUES, "What can go wrong", ((e.code, e.rule, e.mend) for e in CATALOGUE.values())),
    )


def structure_definitions() -> tuple[JSONObject, ...]:
    """The StructureDefinitions of our extensions, FHIR R4 JSON."""
    return tuple(_extension(*row) for row in _EXTENSIONS)


def _extension(name: str, meaning: str, kind: str, contexts: tuple[str, ...]) -> JSONObject:
    url = f"{BASE}/StructureDefinition/{name}"
    where: list[JSON] = [{"type": "element", "expression": context} for context in contexts]
    elements: list[JSON] = [
        {"id": "Extension", "path": "Extension", "short": meaning, "definition": f"{meaning}.", "min": 0, "max": "1"},
        {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
        {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
        {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": kind}]}]
    return {"resourceType": "StructureDefinition", "id": name, "url": url, "name": _name(name), "title": meaning,
            "status": "active", "fhirVersion": "4.0.1", "kind": "complex-type", "abstract": False, "context": where,
            "type": "Extension", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
            "derivation": "constraint", "differential": {"element": elements}}


def _name(identity: str) -> str:
    return "".join(word.capitalize() for word in identity.split("-"))


def _system(url: str, title: str, concepts: Iterable[tuple[str, str, str]]) -> JSONObject:
    listed: list[JSON] = []
    for code, display, definition in concepts:
        entry: dict[str, JSON] = {"code": code, "display": display}
        if definition:
            entry["definition"] = definition
        listed.append(entry)
    return {"resourceType": "CodeSystem", "id": url.rsplit("/", 1)[1], "url": url,
            "name": _name(url.rsplit("/", 1)[1]), "title": title,
            "status": "active", "caseSensitive": True, "content": "complete", "count": len(listed), "concept": listed}
