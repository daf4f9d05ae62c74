"""
FHIR JSON back as FHIR JSON: what mappings/deid_policy.yaml allows for each resource type, and nothing else.

Ids, references, `Bundle.entry.fullUrl` and `request.url` are rewritten together; narrative, extensions and modifier
extensions are left out; names and attachments that cannot be cleaned give way to data-absent-reason `masked`;
`meta.security` says PSEUDED (FHIR R4, v3-ObservationValue).
"""

import base64
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.deid.formats import descriptors
from fhir_adapter.deid.formats.er7 import zip3
from fhir_adapter.model.report import JSON
from fhir_adapter.model.safe import Mode
from fhir_adapter.tables.formats import is_loinc, is_sctid

Node = dict[str, JSON]
BASE = "https://deidentified.invalid/fhir"
_OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
SECURITY: Mapping[Mode, JSON] = {
    Mode.LIMITED: [{"system": _OBSERVATION_VALUE, "code": "PSEUDED", "display": "pseudonymized"}],
    Mode.SAFE_HARBOR: [{"system": _OBSERVATION_VALUE, "code": "ANONYED", "display": "anonymized"}]}
_TRUSTED: JSON = {"system": "http://fhir-adapter.invalid/fhir/CodeSystem/mode", "code": "trusted"}
_INSTANTS = ("issued", "timestamp", "recorded", "lastUpdated")
MASKED: Node = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                               "valueCode": "masked"}]}
_SYSTEMS = re.compile(
    r"http://(terminology\.hl7\.org/(CodeSystem|ValueSet)/[\w.-]{1,40}|hl7\.org/fhir/[\w/-]{1,60}|loinc\.org|"
    r"snomed\.info/sct|unitsofmeasure\.org|www\.ama-assn\.org/go/cpt|(www\.)?radlex\.org|dicom\.nema\.org/"
    r"resources/ontology/DCM|hl7\.org/fhir/sid/icd-(9|10)(-cm)?)|urn:(ietf:bcp:(13|47)|iso:std:iso:11073:10101|"
    r"dicom:uid)|urn:oid:(2\.16\.840\.1\.113883\.6\.\d{1,4}|1\.2\.840\.10008\.[\d.]{1,20})")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?")


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
        kind = resource.get("resourceType")
        rules = self.disguise.tables.fhir.get(kind if isinstance(kind, str) else "")
        if rules is None or not isinstance(kind, str):
            return {"resourceType": "Basic", "meta": {"security": [{
                "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}]},
                "code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                                     "code": "masked"}]}, **self._id(resource)}
        self.disguise = self._owner(resource)
        security = SECURITY[self.disguise.identity.mode]
        out: Node = {"resourceType": kind, **self._id(resource), "meta": {"security": security}}
        if isinstance(resource.get("contained"), list):
            out["contained"] = [self.resource(r) for r in resource["contained"] if isinstance(r, dict)]
        for element, value in resource.items():
            action = rules.get(element, "drop")
            if kind == "Bundle" and element == "entry":
                out["entry"] = [self._entry(entry) for entry in value if isinstance(entry, dict)]
            elif action != "drop" and (safe := self._element(element, value, action)) not in (None, {}, []):
                out[element] = safe
            elif action == "keep" and element in ("code", "class", "type") and isinstance(value, dict):
                out[element] = dict(MASKED)  # required by some resources
        return out

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
                     and part in self.disguise.tables.fhir), "Basic")
        if parts[-1] == kind:
            return kind
        safe = f"{kind}/{self._pseudonym(parts[-1])}"
        return f"{BASE}/{safe}" if "://" in url and not relative else safe

    def _element(self, element: str, value: Any, action: str) -> JSON:  # noqa: PLR0911 - a table of actions
        if isinstance(value, list):
            items = (self._element(element, item, action) for item in value)
            return [item for item in items if item not in (None, {}, "")]
        match action:
            case "keep":
                return self._coded(element, value)
            case "date":
                if isinstance(value, dict):
                    return {k: self._date(v) for k, v in value.items() if k in ("start", "end") and self._date(v)}
                if self.disguise.days is None and element in _INSTANTS:
                    return None  # an instant has no form that is a year
                return self._date(value) if element != "birthDate" or _young(value) else None
            case "text":
                if isinstance(value, dict):
                    said = value.get("text")
                    return {"text": self.disguise.clean(said).text} if isinstance(said, str) else None
                return self.disguise.clean(value).text if isinstance(value, str) else None
            case "id":
                return self._identifier(value)
            case "reference":
                return self._reference(value)
            case "attachment":
                return self._attachment(value)
            case "name":
                return dict(MASKED)
            case "address":
                return self._address(value)
            case "uid":
                return self.disguise.identity.uid(value) if isinstance(value, str) else None
            case _:
                return None

    def _coded(self, element: str, value: Any) -> JSON:
        if isinstance(value, bool | int | float):
            return value if not isinstance(value, int) or abs(value) < 1_000_000 else None
        if isinstance(value, list):
            return [item for item in (self._coded(element, v) for v in value) if item not in (None, {}, "")]
        if isinstance(value, str):
            return self._word(element, value)
        if not isinstance(value, dict):
            return None
        out: Node = {}
        for key, inner in value.items():
            if key in ("uid", "instance", "series") and element == "series" and isinstance(inner, str):
                out[key] = self.disguise.identity.uid(inner)
            elif key in ("valueString", "note"):
                out[key] = self._element(key, inner, "text")
            elif key in ("extension", "modifierExtension", "id", "url", "reference", "identifier"):
                continue
            elif (safe := self._coded(key, inner)) not in (None, {}, [], ""):
                out[key] = safe
        # A code of a system that no one knows says nothing; its words, as far as they are known, stay.
        if "system" in value and "system" not in out:
            out.pop("code", None)
        return out

    def _word(self, element: str, value: str) -> str:
        words, known = self.disguise.tables.descriptor_words, self.disguise.known
        if element == "system":
            return value if _SYSTEMS.fullmatch(value) else ""
        if element in ("display", "text", "title", "description"):
            return descriptors.words(value, words, known)
        if element in ("code", "valueCode") and (is_sctid(value) or is_loinc(value) or re.fullmatch(
                r"\d{4}[0-9A-Z]|\d{6}|\{?[a-z%]{1,5}\}?|mm\[Hg\]", value)):
            return value
        return descriptors.code(value, words, known)

    def _date(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        if re.fullmatch(r"(19|20)\d\d", value):
            return value
        match = _DATE.fullmatch(value if len(value) != 7 else f"{value}-15")
        days = self.disguise.days
        try:
            moved = date.fromisoformat(match[1]) + timedelta(days=days or 0) if match else None
        except (ValueError, OverflowError):
            return None
        if match is None or moved is None:
            return None
        if days is None:
            return f"{moved:%Y}"
        return f"{moved:%Y-%m}" if len(value) == 7 else f"{moved:%Y-%m-%d}{match[2] or ''}"

    def _identifier(self, value: Any) -> JSON:
        if not isinstance(value, dict):
            return None
        out: Node = {}
        if isinstance(value.get("use"), str) and value["use"] in ("usual", "official", "temp", "secondary", "old"):
            out["use"] = value["use"]
        if "type" in value:
            out["type"] = self._coded("type", value["type"])
        if isinstance(value.get("value"), str):
            said = value["value"].strip()
            purpose = "patient" if said in self.disguise.patient.split("|")[:1] else "request"
            out["value"] = (f"urn:oid:{self.disguise.identity.uid(said.removeprefix('urn:oid:'))}"
                            if said.startswith("urn:oid:") else self.disguise.identity.pseudonym(purpose, said))
        return {key: item for key, item in out.items() if item not in (None, {}, "")}

    def _reference(self, value: Any) -> JSON:
        if not isinstance(value, dict):
            return None
        out: Node = {}
        if isinstance(value.get("reference"), str):
            out["reference"] = self.url(value["reference"])
        if isinstance(value.get("identifier"), dict):
            out["identifier"] = self._identifier(value["identifier"])
        return out

    def _attachment(self, value: Any) -> JSON:
        """Plain text is cleaned; any other document is masked, since it cannot be cleaned in its own form."""
        if not isinstance(value, dict):
            return None
        media = value.get("contentType")
        if isinstance(media, str) and re.fullmatch(r"text/plain(;\s*charset=(utf-8|us-ascii))?", media.lower()):
            try:
                text = base64.b64decode(str(value.get("data")), validate=True).decode("utf-8")
            except ValueError:
                return {"_data": dict(MASKED)}
            return {"contentType": media, "data": base64.b64encode(self.disguise.clean(text).text.encode()).decode()}
        return {"_data": dict(MASKED)}

    def _address(self, value: Any) -> JSON:
        if not isinstance(value, dict):
            return None
        state, code = value.get("state"), value.get("postalCode")
        out: Node = {"state": state} if isinstance(state, str) and re.fullmatch(r"[A-Z]{2}", state) else {}
        if isinstance(code, str) and (digits := zip3(code, self.disguise.tables.sparse_zip)):
            out["postalCode"] = digits
        return out or None


def _young(value: object) -> bool:
    """Whether a year of birth tells no age of ninety or more."""
    return isinstance(value, str) and value[:4].isdigit() and date.today().year - int(value[:4]) < 90
