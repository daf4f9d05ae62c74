"""The resources and Bundles of FHIR, element by element, with ids and references rewritten together."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.deid.formats.fhir import narrative, provenance
from fhir_adapter.deid.formats.fhir.types import BASE, EXTENSIONS, MASKED, Node, Types, modifiers, security
from fhir_adapter.model.report import JSON

_TRUSTED: JSON = {"system": "http://fhir-adapter.invalid/fhir/CodeSystem/mode", "code": "trusted"}
_WORDED = ("DiagnosticReport", "Composition", "Observation", "DocumentReference")
"""Types whose narrative may hold words that stand nowhere else."""


def scrub(root: Mapping[str, Any], disguises: Sequence[Disguise]) -> Node:
    """The resource or Bundle without its people, one disguise for each Patient in it, in their order."""
    return _Scrubber(root, disguises).resource(root)


def marked(root: Mapping[str, Any]) -> Node:
    """The resource or Bundle as it is, with the mode in `meta.tag` of every resource."""
    meta = root.get("meta")
    meta = dict(meta) if isinstance(meta, dict) else {}
    out: Node = {**root, "meta": {**meta, "tag": [*(meta.get("tag") or ()), _TRUSTED]}}
    if root.get("resourceType") == "Bundle":
        out["entry"] = [{**entry, "resource": marked(entry["resource"])} if isinstance(entry.get("resource"), dict)
                        else entry for entry in root.get("entry") or () if isinstance(entry, dict)]
    return out


def _patients(root: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Full URL and `Patient/id` of each Patient of a Bundle, nested ones too, or of the resource itself."""
    if root.get("resourceType") == "Patient":
        yield "", f"Patient/{root.get('id')}"
    for entry in root.get("entry") or () if root.get("resourceType") == "Bundle" else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            for number, (_, name) in enumerate(_patients(resource)):
                yield str(entry.get("fullUrl") or "") if not number else "", name


class _Scrubber:
    """One run over one input; holds what the input is scrubbed with."""

    def __init__(self, root: Mapping[str, Any], disguises: Sequence[Disguise]) -> None:
        self.disguise = disguises[0]
        self.by_patient = {name: disguise for names, disguise in zip(_patients(root), disguises, strict=False)
                           for name in names if name}

    def _owner(self, resource: Mapping[str, Any]) -> Disguise:
        """The disguise of the patient whom the resource is about; the last one's where it does not say."""
        if resource.get("resourceType") == "Patient":
            return self.by_patient.get(f"Patient/{resource.get('id')}", self.disguise)
        reference: Node = next((resource[e] for e in ("subject", "patient") if isinstance(resource.get(e), dict)), {})
        literal = str(reference.get("reference") or "").split("/_history/", maxsplit=1)[0]
        return self.by_patient.get(literal) or self.by_patient.get("/".join(literal.split("/")[-2:]), self.disguise)

    def resource(self, resource: Mapping[str, Any]) -> Node:
        """The resource by the rules of its type, with the days of its patient."""
        outer, self.disguise = self.disguise, self._owner(resource)
        try:
            return self._allowed(resource)
        finally:
            self.disguise = outer

    def _allowed(self, resource: Mapping[str, Any]) -> Node:
        kind, tables = resource.get("resourceType"), self.disguise.tables
        rules = tables.policy.fhir.get(kind if isinstance(kind, str) else "")
        if rules is None or not isinstance(kind, str) or modifiers(resource, tables.policy.fhir_extensions):
            return self._redacted(resource)
        out: Node = {"resourceType": kind, **self._id(resource), "meta": {"security": security(self.disguise)}}
        types = Types(self.disguise, self.url)
        for name in EXTENSIONS:
            if held := types.extensions(resource.get(name)):
                out[name] = held
        if isinstance(resource.get("contained"), list):
            out["contained"] = [self.resource(r) for r in resource["contained"] if isinstance(r, dict)]
        for element, value in resource.items():
            action = rules.get(element, "drop")
            if action == "entries":
                out[element] = self._entries(resource)
            elif action == "section":
                out[element] = self._sections(value, types)
            elif action != "drop" and (safe := types.element(element, value, action)) not in (None, {}, []):
                out[element] = safe
            elif action == "keep" and element in ("code", "class", "type") and isinstance(value, dict):
                out[element] = dict(MASKED)  # required by some resources
        if isinstance(resource.get("text"), dict):
            words = self._own_words(resource, types) if kind in _WORDED and not _worded(out) else ""
            out["text"] = narrative.generated(out, words)
        return out

    def _redacted(self, resource: Mapping[str, Any]) -> Node:
        """What stands for a resource of which nothing may stay."""
        return {"resourceType": "Basic", "meta": {"security": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}]},
            "code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                                 "code": "masked"}]}, **self._id(resource)}

    def _own_words(self, resource: Mapping[str, Any], types: Types) -> str:
        div = resource["text"].get("div")
        return types.words(div) if isinstance(div, str) else ""

    def _sections(self, value: Any, types: Types) -> JSON:
        """Sections of a Composition: title and code, the words of the narrative, references, inner sections."""
        out: list[JSON] = []
        for section in value if isinstance(value, list) else ():
            if not isinstance(section, dict):
                continue
            one: Node = {}
            for element, action in (("title", "keep"), ("code", "keep"), ("mode", "keep"), ("entry", "reference"),
                                    ("emptyReason", "keep")):
                if element in section and (safe := types.element(element, section[element], action)):
                    one[element] = safe
            if isinstance(section.get("text"), dict) and (words := self._own_words(section, types)):
                one["text"] = narrative.generated({"resourceType": "Section"}, words)
            if inner := self._sections(section.get("section"), types):
                one["section"] = inner
            if one:
                out.append(one)
        return out

    def _entries(self, bundle: Mapping[str, Any]) -> JSON:
        given = bundle.get("entry")
        entries = [self._entry(entry) for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []
        made = [entry["resource"] for entry in entries if isinstance(entry.get("resource"), dict)]
        targets = [f"{r['resourceType']}/{r['id']}" for r in made if isinstance(r, dict) and r.get("id")]
        targets = list(dict.fromkeys(targets)) or [str(e["fullUrl"]) for e in entries if e.get("fullUrl")]
        if targets and not bundle["type"].endswith("-response"):
            identity = self._pseudonym(f"Provenance of {bundle.get('id')} {targets[0]}")
            entries.append(provenance.entry(targets, identity, bundle["type"], self.disguise))
        return [*entries]

    def _id(self, resource: Mapping[str, Any]) -> Node:
        value = resource.get("id")
        return {"id": self._pseudonym(value)} if isinstance(value, str) and value else {}

    def _pseudonym(self, value: str) -> str:
        return self.disguise.identity.pseudonym("resource", value)

    def _entry(self, entry: Mapping[str, Any]) -> Node:
        out: Node = {}
        if isinstance(entry.get("fullUrl"), str):
            out["fullUrl"] = self.url(entry["fullUrl"])
        if isinstance(entry.get("resource"), dict):
            out["resource"] = self.resource(entry["resource"])
        request = entry.get("request")
        if isinstance(request, dict) and request.get("method") in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"):
            url = request.get("url")
            safe = self.url(url, relative=True) if isinstance(url, str) else ""
            out["request"] = {"method": request["method"], "url": safe}
        response = entry.get("response")
        if isinstance(response, dict) and re.match(r"[1-5]\d\d\b", str(response.get("status"))):
            out["response"] = {"status": response["status"][:3]}
        search = entry.get("search")
        if isinstance(search, dict) and search.get("mode") in ("match", "include", "outcome"):
            out["search"] = {"mode": search["mode"]}
        return out

    def url(self, url: str, *, relative: bool = False) -> str:
        """A reference, full URL or request URL with its ids replaced, the same for all of them."""
        bare = url.split("?", maxsplit=1)[0].split("/_history/", maxsplit=1)[0]
        if bare.startswith("#"):
            return f"#{self._pseudonym(bare[1:])}" if len(bare) > 1 else "#"
        if bare.startswith("urn:"):
            mac = self.disguise.identity.uid(bare).removeprefix("2.25.")
            return f"urn:uuid:{uuid.UUID(int=int(mac), version=4)}"
        parts = bare.rstrip("/").split("/")
        kind = next((part for part in parts[-2:] if re.fullmatch(r"[A-Z][A-Za-z]{3,40}", part)
                     and part in self.disguise.tables.policy.fhir), "Basic")
        if parts[-1] == kind:
            return kind
        safe = f"{kind}/{self._pseudonym(parts[-1])}"
        return f"{BASE}/{safe}" if "://" in url and not relative else safe


def _worded(resource: Mapping[str, JSON]) -> bool:
    """Whether the words of a report stand in an element of it."""
    return any(resource.get(e) for e in ("conclusion", "presentedForm", "valueString", "content", "section", "result"))
