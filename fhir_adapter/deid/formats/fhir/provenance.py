"""Who de-identified a Bundle, and how: a Provenance of all its resources."""

from collections.abc import Sequence

from fhir_adapter import __version__
from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.deid.formats.fhir.types import BASE, MASKED, Node, security
from fhir_adapter.model.report import JSON
from fhir_adapter.model.safe import Mode

# ISO 21089 lifecycle events, of FHIR R4's value set provenance-activity-type.
_ACTIVITIES = {Mode.LIMITED: "pseudonymize", Mode.SAFE_HARBOR: "deidentify"}
_WITH_REQUEST = ("transaction", "batch", "history")


def entry(targets: Sequence[str], identity: str, bundle_type: str, disguise: Disguise) -> Node:
    """The Bundle entry; `targets` are the references of the resources, `identity` the id that it gets.

    Its time is masked: the clock's would make the same input give other bytes, the message's own would tell a date.
    """
    listed: list[JSON] = [{"reference": target} for target in targets]
    recorded: Node = {"_recorded": dict(MASKED)}
    resource: Node = {
        "resourceType": "Provenance", "id": identity, "meta": {"security": security(disguise)}, "target": listed,
        **recorded,
        "activity": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
                                 "code": _ACTIVITIES[disguise.identity.mode]}], "text": disguise.label},
        "agent": [{"who": {"display": f"fhir-adapter {__version__}"}}]}
    out: Node = {"fullUrl": f"{BASE}/Provenance/{identity}", "resource": resource}
    if bundle_type in _WITH_REQUEST:
        out["request"] = {"method": "PUT", "url": f"Provenance/{identity}"}
    if bundle_type == "history":
        out["response"] = {"status": "200"}
    if bundle_type == "searchset":
        out["search"] = {"mode": "include"}
    return out
