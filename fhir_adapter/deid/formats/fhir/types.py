"""The data types of FHIR, each scrubbed by the action that the policy gives its element."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
MASKED: Node = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                               "valueCode": "masked"}]}
EXTENSIONS = ("extension", "modifierExtension")
_LABELS = {Mode.LIMITED: ("PSEUDED", "pseudonymized"), Mode.SAFE_HARBOR: ("ANONYED", "anonymized")}
_INSTANTS = ("issued", "timestamp", "recorded", "lastUpdated")
_TEXTS = ("valueString", "note", "comment", "patientInstruction")
_DATES = re.compile(r"(value)?(Date|DateTime|Period)|(performed|onset|effective|occurrence|recorded)(DateTime|Period)|"
                    r"started|start|end|date|created|authoredOn")
_SYSTEMS = re.compile(
    r"http://(terminology\.hl7\.org/(CodeSystem|ValueSet)/[\w.-]{1,40}|hl7\.org/fhir/[\w/-]{1,60}|loinc\.org|"
    r"snomed\.info/sct|unitsofmeasure\.org|www\.ama-assn\.org/go/cpt|(www\.)?radlex\.org|dicom\.nema\.org/"
    r"resources/ontology/DCM|hl7\.org/fhir/sid/icd-(9|10)(-cm)?)|urn:(ietf:bcp:(13|47)|iso:std:iso:11073:10101|"
    r"dicom:uid)|urn:oid:(2\.16\.840\.1\.113883\.6\.\d{1,4}|1\.2\.840\.10008\.[\d.]{1,20})")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?")
_CODE = re.compile(r"\d{4}[0-9A-Z]|\d{6}|\{?[a-z%]{1,5}\}?|mm\[Hg\]")


def security(disguise: Disguise) -> JSON:
    """`meta.security` of the mode in force."""
    code, display = _LABELS[disguise.identity.mode]
    return [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": code, "display": display}]


@dataclass(frozen=True, slots=True)
class Types:
    """What one resource's elements are scrubbed with; `url` rewrites a reference."""

    disguise: Disguise
    url: Callable[[str], str]

    def element(self, name: str, value: Any, action: str) -> JSON:  # noqa: PLR0911 - a table of actions
        """The safe form of one element by its action; None where nothing may stay."""
        if isinstance(value, list):
            items = (self.element(name, item, action) for item in value)
            return [item for item in items if item not in (None, {}, "")]
        match action:
            case "keep":
                return self._coded(name, value)
            case "date":
                return self._time(name, value)
            case "text":
                return self._text(value)
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

    def extensions(self, value: Any) -> list[JSON]:
        """The extensions on the list, each value scrubbed by its action."""
        out: list[JSON] = []
        for one in value if isinstance(value, list) else ():
            url = one.get("url") if isinstance(one, dict) else None
            action = self.disguise.tables.policy.fhir_extensions.get(url) if isinstance(url, str) else None
            held = next(((k, v) for k, v in one.items() if k.startswith("value")), None) if action else None
            if held and action and (safe := self.element(held[0], held[1], action)) not in (None, {}, [], ""):
                out.append({"url": url, held[0]: safe})
        return out

    def words(self, html: str) -> str:
        """The words of a narrative, scrubbed."""
        return self.disguise.clean(self.disguise.document(html.encode(), "text/html")).text

    def _time(self, name: str, value: Any) -> JSON:
        if isinstance(value, dict):
            return {k: self._date(v) for k, v in value.items() if k in ("start", "end") and self._date(v)}
        if (self.disguise.days is None and name in _INSTANTS) or (name == "birthDate" and not _young(value)):
            return None  # an instant has no form that is a year; a year of birth may tell an age over 89
        return self._date(value)

    def _text(self, value: Any) -> JSON:
        if isinstance(value, dict):
            said = value.get("text")
            return {"text": self.disguise.clean(said).text} if isinstance(said, str) else None
        return self.disguise.clean(value).text if isinstance(value, str) else None

    def _coded(self, name: str, value: Any) -> JSON:
        if isinstance(value, bool | int | float):
            return value if not isinstance(value, int) or abs(value) < 1_000_000 else None
        if isinstance(value, list):
            return [item for item in (self._coded(name, v) for v in value) if item not in (None, {}, [], "")]
        if isinstance(value, str):
            return self._word(name, value)
        if not isinstance(value, dict):
            return None
        if "reference" in value or ("display" in value and not value.keys() & {"code", "system", "coding"}):
            return self._reference(value)
        out: Node = {}
        for key, inner in value.items():
            safe: JSON = None
            if key in ("uid", "instance", "series") and name in ("series", "instance") and isinstance(inner, str):
                safe = self.disguise.identity.uid(inner)
            elif key in _TEXTS:
                safe = self.element(key, inner, "text")
            elif _DATES.fullmatch(key):
                safe = self._time(key, inner)
            elif key == "extension":
                safe = self.extensions(inner)
            elif key not in ("modifierExtension", "id", "url", "identifier"):
                safe = self._coded(key, inner)
            if safe not in (None, {}, [], ""):
                out[key] = safe
        # A code of a system that no one knows says nothing; its words, as far as they are known, stay.
        if "system" in value and "system" not in out:
            out.pop("code", None)
        return out

    def _word(self, name: str, value: str) -> str:
        words, known = self.disguise.tables.descriptor_words, self.disguise.known
        if name == "system":
            return value if _SYSTEMS.fullmatch(value) else ""
        if name in ("display", "text", "title", "description"):
            return descriptors.words(value, words, known)
        if name in ("code", "valueCode") and (is_sctid(value) or is_loinc(value) or _CODE.fullmatch(value)):
            return value
        return descriptors.code(value, words, known)

    def _date(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        if re.fullmatch(r"(19|20)\d\d", value):
            return value
        match, days = _DATE.fullmatch(value if len(value) != 7 else f"{value}-15"), self.disguise.days
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
            said, who = value["value"].strip(), self.disguise.identity
            purpose = "patient" if said in self.disguise.patient.split("|")[:1] else "request"
            out["value"] = (f"urn:oid:{who.uid(said.removeprefix('urn:oid:'))}" if said.startswith("urn:oid:")
                            else who.pseudonym(purpose, said))
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
        """The words of a document as plain text, scrubbed; masked where they cannot be read."""
        if not isinstance(value, dict):
            return None
        if isinstance(inner := value.get("attachment"), dict):  # DocumentReference.content
            return {"attachment": self._attachment(inner)}
        media, data = value.get("contentType"), value.get("data")
        try:
            content = base64.b64decode(re.sub(r"\s+", "", data if isinstance(data, str) else ""), validate=True)
        except ValueError:
            content = b""
        safe = self.disguise.words_of(content, media if isinstance(media, str) else "", "Attachment.data")
        if not safe:
            return {"_data": dict(MASKED)}
        return {"contentType": "text/plain; charset=utf-8", "data": base64.b64encode(safe.encode()).decode()}

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


def modifiers(value: object, allowed: Mapping[str, str]) -> bool:
    """Whether a modifier extension stands anywhere in it that the list does not allow."""
    if isinstance(value, list):
        return any(modifiers(one, allowed) for one in value)
    if not isinstance(value, dict):
        return False
    own = value.get("modifierExtension")
    if isinstance(own, list) and any(not isinstance(one, dict) or one.get("url") not in allowed for one in own):
        return True
    return any(modifiers(inner, allowed) for key, inner in value.items() if key not in ("contained", "entry"))
