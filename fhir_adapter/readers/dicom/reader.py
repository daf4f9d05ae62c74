"""
A DICOM file as what it says of its people, and a structured report (PS3.3 A.35) as a report.

Pixel data is not read. A text content item is a paragraph, headed by the meaning of its concept name.
"""

import io
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
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
_VALUES = (("AccessionNumber", IdentifierKind.ACCESSION, IdentifierRole.REQUEST),
           ("PatientID", IdentifierKind.ID, IdentifierRole.PATIENT),
           ("InstitutionName", IdentifierKind.FACILITY, IdentifierRole.ORGANISATION),
           ("PatientAddress", IdentifierKind.ADDRESS, IdentifierRole.PATIENT),
           ("PatientTelephoneNumbers", IdentifierKind.PHONE, IdentifierRole.PATIENT))


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
    number = str(dataset.get("PatientID") or "").strip()
    uid = str(dataset.get("StudyInstanceUID") or "")
    when = _day(dataset.get("StudyDate"))
    return Report(
        text="",
        origin=Origin(format="dicom", identity=str(dataset.get("SOPInstanceUID") or uid)),
        patient=Patient(key=f"{number}|{dataset.get('IssuerOfPatientID') or ''}" if number else "",
                        birth_date=_day(dataset.get("PatientBirthDate")),
                        sex=_SEXES.get(str(dataset.get("PatientSex") or ""), Sex.UNKNOWN)),
        study=Study(uid=uid, accession=str(dataset.get("AccessionNumber") or ""),
                    modality=str(dataset.get("Modality") or ""), started=when),
        service=when,
        identifiers=tuple(_identifiers(dataset)),
    )


def _day(value: object) -> date | None:
    text = str(value or "").strip()
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _identifiers(dataset: Any) -> Iterator[Identifier]:
    for keyword, kind, role in _VALUES:
        if value := str(dataset.get(keyword) or "").strip():
            yield Identifier(kind=kind, role=role, value=value, where=keyword)
    for element in _person_names(dataset):
        patient = str(element.keyword).startswith(("PatientName", "OtherPatientNames", "PatientBirthName"))
        role = IdentifierRole.PATIENT if patient else IdentifierRole.CLINICIAN
        for name in element.value if element.VM > 1 else (element.value,):
            parts = tuple((part, str(getattr(name, f"{part}_name"))) for part in ("given", "middle", "family")
                          if getattr(name, f"{part}_name", ""))
            if parts:
                yield Identifier(kind=IdentifierKind.NAME, role=role, value=" ".join(v for _, v in parts),
                                 where=str(element.keyword), parts=parts)


def _person_names(dataset: Any) -> Iterator[Any]:
    """Every element of VR PN, nested ones too; the others are not even decoded."""
    from pydicom.datadict import dictionary_VR

    for tag in list(dataset.keys()):
        vr = dataset.get_item(tag).VR
        if vr is None and not tag.is_private:
            try:
                vr = dictionary_VR(tag)
            except KeyError:
                continue
        if vr == "SQ":
            for item in dataset[tag].value:
                yield from _person_names(item)
        elif vr == "PN":
            yield dataset[tag]


def _lines(items: Any) -> Iterator[tuple[str, str]]:
    for item in items:
        concept = (item.get("ConceptNameCodeSequence") or [{}])[0]
        heading = str(concept.get("CodeMeaning", "") if concept else "").strip()
        if text := str(item.get("TextValue") or "").strip():
            for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
                yield (f"{heading}: {line}" if heading else line), "(0040,A160)"
                heading = ""
        yield from _lines(item.get("ContentSequence") or ())
