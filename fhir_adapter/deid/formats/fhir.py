"""
FHIR JSON back as FHIR JSON: what mappings/deid_policy.yaml allows for each resource type, and nothing else.

Ids, references, `Bundle.entry.fullUrl` and `request.url` are rewritten together; narrative, extensions and modifier
extensions are left out; names and attachments that cannot be cleaned give way to data-absent-reason `masked`;
`meta.security` says PSEUDED (FHIR R4, v3-ObservationValue).
"""

import base64
import re
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fhir_adapter.deid.formats import descriptors
from fhir_adapter.deid.formats.er7 import Disguise
from fhir_adapter.model.report import JSON
from fhir_adapter.tables.formats import is_loinc, is_sctid

Node = dict[str, JSON]
BASE = "https://deidentified.invalid/fhir"
SECURITY: JSON = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "PSEUDED",
                   "display": "pseudonymized"}]
MASKED: Node = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                               "valueCode": "masked"}]}
_SYSTEMS = re.compile(
    r"http://(terminology\.hl7\.org/(CodeSystem|ValueSet)/[\w.-]{1,40}|hl7\.org/fhir/[\w/-]{1,60}|loinc\.org|"
    r"snomed\.info/sct|unitsofmeasure\.org|www\.ama-assn\.org/go/cpt|(www\.)?radlex\.org|dicom\.nema\.org/"
    r"resources/ontology/DCM|hl7\.org/fhir/sid/icd-(9|10)(-cm)?)|urn:(ietf:bcp:(13|47)|iso:std:iso:11073:10101|"
    r"dicom:uid)|urn:oid:(2\.16\.840\.1\.113883\.6\.\d{1,4}|1\.2\.840\.10008\.[\d.]{1,20})")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?")


def scrub(root: Mapping[str, Any], disguise: Disguise) -> Node:
    """The resource or Bundle without the person."""
    return _Scrubber(disguise).resource(root)


class _Scrubber:
    """One run over one input; holds what the input is scrubbed with."""

    def __init__(self, disguise: Disguise) -> None:
        self.disguise = disguise

    def resource(self, resource: Mapping[str, Any]) -> Node:
        kind = resource.get("resourceType")
        rules = self.disguise.tables.fhir.get(kind if isinstance(kind, str) else "")
        if rules is None or not isinstance(kind, str):
            return {"resourceType": "Basic", "meta": {"security": [{
                "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}]},
                "code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                                     "code": "masked"}]}, **self._id(resource)}
        out: Node = {"resourceType": kind, **self._id(resource), "meta": {"security": SECURITY}}
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
        return self.disguise.keys.pseudonym("resource", value)

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
            mac = self.disguise.keys.uid(bare).removeprefix("2.25.")
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
                return self._date(value)
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
                return self.disguise.keys.uid(value) if isinstance(value, str) else None
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
                out[key] = self.disguise.keys.uid(inner)
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
        try:
            moved = date.fromisoformat(match[1]) + timedelta(days=self.disguise.days) if match else None
        except (ValueError, OverflowError):
            return None
        if match is None or moved is None:
            return None
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
            out["value"] = (f"urn:oid:{self.disguise.keys.uid(said.removeprefix('urn:oid:'))}"
                            if said.startswith("urn:oid:") else self.disguise.keys.pseudonym(purpose, said))
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
        state = value.get("state")
        return {"state": state} if isinstance(state, str) and re.fullmatch(r"[A-Z]{2}", state) else None
