"""Bytes to `Report`s: one reader a format, chosen by looking at the bytes."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import Report
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables
from fhir_adapter.wire import frames


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a message names: one report a patient, without text; and the message taken apart, to be scrubbed."""

    reports: tuple[Report, ...]
    opened: Any = field(repr=False)
    """An ER7 `Message`, JSON, or a DICOM dataset."""


class Reader(Protocol):
    """Reads one format."""

    @property
    def name(self) -> str:
        """The format, as in `Report.origin.format`."""

    def detects(self, payload: bytes) -> bool:
        """Whether the bytes look like this format; cheap, looks at their beginning only."""

    def read(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Report, ...]:
        """The radiology reports of one message, or a MessageError that says place, rule and mend."""

    def named(self, payload: bytes, *, settings: Settings, tables: Tables) -> Named:
        """Whom the message names, with or without a report in it. For `scrub`."""

    def validate(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Issue, ...]:
        """All that does not conform, by the standard and by our profile; none if it does."""


def choose(payload: bytes) -> Reader:
    """The reader for these bytes; an UnreadableMessage (HL7-100, HL7-119, FHIR-214) where there is none."""
    from fhir_adapter.readers.registry import READERS

    if not payload.strip():
        raise UnreadableMessage(Issue.at("HL7-100"))
    for reader in READERS:
        if reader.detects(payload):
            return reader
    beginning = frames.strip(payload)[:2000]
    if beginning.startswith(b"<"):
        raise UnreadableMessage(Issue.at("FHIR-214" if b"http://hl7.org/fhir" in beginning else "HL7-119"))
    if b"|" in beginning and beginning[:3].isalnum():
        raise UnreadableMessage(Issue.at("HL7-101", "MSH"))
    raise UnreadableMessage(Issue.at("HL7-119"))


def pieces(payload: bytes) -> tuple[bytes, ...]:
    """The single messages of a batch file and the segments of its envelope in their places."""
    return frames.pieces(payload)


def split(payload: bytes) -> tuple[bytes, ...]:
    """The single messages of a batch file; anything else is itself."""
    return frames.unbatch(payload)
