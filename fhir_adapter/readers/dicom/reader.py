"""
A DICOM file as what it says of its people, and a structured report (PS3.3 A.35) as a report.

Pixel data is not read. A text content item is a paragraph, headed by the meaning of its concept name.
"""

import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from fhir_adapter.errors import TooLargeMessage, UnreadableMessage, UnsupportedMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import (
    Identifier,
    IdentifierKind,
    IdentifierRole,
    Origin,
    Paragraph,
    Patient,
    Report,
    ReportStatus,
    Sex,
    Study,
)
from fhir_adapter.model.span import Span
from fhir_adapter.readers import Named, order
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables

_IDENTIFYING = 0x0008
"""The group that every composite object has (PS3.3 C.12.1)."""
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE, "O": Sex.OTHER}
_ACCESSION, _NUMBER, _ISSUER, _BIRTH_DATE, _SEX = 0x00080050, 0x00100020, 0x00100021, 0x00100030, 0x00100040
_STUDY, _STUDY_DATE, _INSTANCE, _MODALITY = 0x0020000D, 0x00080020, 0x00080018, 0x00080060
_VALUES = ((_ACCESSION, "AccessionNumber", IdentifierKind.ACCESSION, IdentifierRole.REQUEST),
           (_NUMBER, "PatientID", IdentifierKind.ID, IdentifierRole.PATIENT),
           (0x00080080, "InstitutionName", IdentifierKind.FACILITY, IdentifierRole.ORGANISATION),
           (0x00101040, "PatientAddress", IdentifierKind.ADDRESS, IdentifierRole.PATIENT),
           (0x00102154, "PatientTelephoneNumbers", IdentifierKind.PHONE, IdentifierRole.PATIENT))
_OF_PATIENT = frozenset({0x00100010, 0x00101001, 0x00101005})
"""Patient's Name, Other Patient Names, Patient's Birth Name."""


@dataclass(frozen=True, slots=True)
class DICOMReader:
    """Reads DICOM files; see `fhir_adapter.readers.Reader`."""

    name: str = "dicom"

    def detects(self, payload: bytes) -> bool:
        """Whether `DICM` stands after the preamble of 128 bytes (PS3.10 7.1)."""
        return payload[128:132] == b"DICM"

    def read(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Report, ...]:
        """The report of a structured report document; UnsupportedMessage (DCM-302) for anything else."""
        dataset = _opened(payload, settings)
        lines = list(_lines(dataset.get("ContentSequence") or ()))
        if dataset.get("Modality") != "SR" or not lines:
            raise UnsupportedMessage(Issue.at("DCM-302", "(0008,0060)"))
        paragraphs, position = [], 0
        for line, where in lines:
            paragraphs.append(Paragraph(span=Span(position, position + len(line)), source=where))
            position += len(line) + 1
        final = dataset.get("CompletionFlag") == "COMPLETE" and dataset.get("VerificationFlag") == "VERIFIED"
        words = " ".join(str(dataset.get(n, "")) for n in ("StudyDescription", "SeriesDescription")).strip()
        report = _header(dataset)
        return (replace(report, text="\n".join(line for line, _ in lines), paragraphs=tuple(paragraphs),
                        order=order.describe(code=None, text=words, modality="", tables=tables.messages),
                        status=ReportStatus.FINAL if final else ReportStatus.PRELIMINARY),)

    def named(self, payload: bytes, *, settings: Settings, tables: Tables) -> Named:  # noqa: ARG002 - the protocol's
        """What the header says of its people."""
        dataset = _opened(payload, settings, whole=True)
        try:
            return Named((_header(dataset),), dataset)
        except Exception:  # what cannot be decoded is found when it is looked at, and the message quotes it
            raise UnreadableMessage(Issue.at("DCM-300")) from None

    def validate(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Issue, ...]:  # noqa: ARG002
        """Nothing is judged but that the file can be read."""
        _opened(payload, settings)
        return ()


READER = DICOMReader()


def _opened(payload: bytes, settings: Settings, *, whole: bool = False) -> Any:
    if len(payload) > settings.max_message_bytes:
        raise TooLargeMessage(Issue.at("DCM-303"))
    from pydicom import config, dcmread

    # pydicom's warnings and log lines quote values.
    config.settings.reading_validation_mode = config.IGNORE
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = dcmread(io.BytesIO(payload), stop_before_pixels=not whole)
            if not whole:
                dataset.decode()
            elif all(tag.group != _IDENTIFYING for tag in list(dataset.keys())):
                raise ValueError
    except Exception:
        raise UnreadableMessage(Issue.at("DCM-300")) from None
    return dataset


def _header(dataset: Any) -> Report:
    elements = {int(tag): element for tag, element in dataset.items()}

    def said(tag: int) -> str:
        return _words(dataset, elements[tag]).strip() if tag in elements else ""

    number, uid, when = said(_NUMBER), said(_STUDY), _day(said(_STUDY_DATE))
    return Report(
        text="",
        origin=Origin(format="dicom", identity=said(_INSTANCE) or uid),
        patient=Patient(key=f"{number}|{said(_ISSUER)}" if number else "", birth_date=_day(said(_BIRTH_DATE)),
                        sex=_SEXES.get(said(_SEX), Sex.UNKNOWN)),
        study=Study(uid=uid, accession=said(_ACCESSION), modality=said(_MODALITY), started=when),
        service=when,
        identifiers=(*(Identifier(kind=kind, role=role, value=value, where=name) for tag, name, kind, role in _VALUES
                       if (value := said(tag))), *_people(dataset, elements)),
    )


def _words(dataset: Any, element: Any) -> str:
    """The words of an element; decoded by pydicom only where they are not of characters that every set has."""
    value = element.value
    if isinstance(value, bytes) and value.isascii() and b"\x1b" not in value:
        return value.decode("ascii").rstrip(" \0")
    value = dataset[element.tag].value
    return str(value if value is not None else "")


def _day(value: object) -> date | None:
    text = str(value or "").strip()
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _people(dataset: Any, elements: Mapping[int, Any]) -> Iterator[Identifier]:
    """Every person whom an element of VR PN names, in nested data sets too; the others are not even decoded."""
    for tag, element in elements.items():
        vr = element.VR if element.VR and element.VR != "UN" else ("" if tag >> 16 & 1 else _dictionary_vr(tag))
        if vr == "SQ" and element.VR != "UN":
            for item in dataset[element.tag].value:
                yield from _people(item, {int(tag): inner for tag, inner in item.items()})
        elif vr == "PN":
            role = IdentifierRole.PATIENT if tag in _OF_PATIENT else IdentifierRole.CLINICIAN
            for parts in _names(dataset, element):
                yield Identifier(kind=IdentifierKind.NAME, role=role, value=" ".join(v for _, v in parts),
                                 where=f"({tag >> 16:04X},{tag & 0xFFFF:04X})", parts=parts)


def _names(dataset: Any, element: Any) -> Iterator[tuple[tuple[str, str], ...]]:
    """The parts of each name of an element (PS3.5 6.2.1), of the alphabetic form alone, those that are not empty."""
    value = element.value
    if isinstance(value, bytes) and value.isascii() and b"\x1b" not in value:
        said = value.decode("ascii").split("\\")
    else:
        decoded = dataset[element.tag]
        said = [str(name) for name in (decoded.value if decoded.VM > 1 else (decoded.value or "",))]
    for name in said:
        family, given, middle = [part.strip(" \0") for part in (name.split("=")[0] + "^^").split("^")[:3]]
        if parts := tuple((kind, part) for kind, part in
                          (("given", given), ("middle", middle), ("family", family)) if part):
            yield parts


@lru_cache(maxsize=8192)
def _dictionary_vr(tag: int) -> str:
    """The VR of an element whose file does not say it; empty where the dictionary does not know it."""
    from pydicom.datadict import dictionary_VR

    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return ""


def _lines(items: Any) -> Iterator[tuple[str, str]]:
    for item in items:
        concept = (item.get("ConceptNameCodeSequence") or [{}])[0]
        heading = str(concept.get("CodeMeaning", "") if concept else "").strip()
        if text := str(item.get("TextValue") or "").strip():
            for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
                yield (f"{heading}: {line}" if heading else line), "(0040,A160)"
                heading = ""
        yield from _lines(item.get("ContentSequence") or ())
