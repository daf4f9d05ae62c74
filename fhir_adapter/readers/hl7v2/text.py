"""
The text of a report, from every place where radiology systems put it.

One OBX with breaks, one OBX per line, repetitions of OBX-5, encapsulated documents, notes after OBR and OBX. Lines are
joined in the order of the message; consecutive OBX of the same OBX-3 are one block. A block that its code alone calls
an impression (`&IMP`, 19005-8) gets its heading as a line of its own where its words lack one, because the sender
meant it and the engine needs it; that line belongs to no paragraph.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from fhir_adapter.errors import TooLargeMessage, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import Paragraph
from fhir_adapter.model.span import Span
from fhir_adapter.readers.documents import text_of
from fhir_adapter.settings import Settings
from fhir_adapter.tables.messages import MessageTables, SectionCode
from fhir_adapter.wire import escapes
from fhir_adapter.wire.er7 import Segment

NARRATIVE = {"TX", "FT"}
# Data types of the standard that never hold the narrative; any other two letters or a site's own type (RPTX) may.
_CODED = {"NM", "SN", "CE", "CWE", "CNE", "CF", "IS", "ID", "DT", "TM", "TS", "DTM", "CX", "EI", "XPN", "XCN", "XAD",
          "XTN", "XON", "HD", "MO", "CP", "SI", "NA", "MA", "NR", "DR", "RP", "PL", "CQ", "PN", "AD", "TN", "CK", "CN"}
_NOT_TEXT = {"113014", "112002", "112191"}
_HEADING = re.compile(r"\s*[A-Z][A-Z /&-]{3,40}(?::|\s*$)")
_UID = re.compile(r"[0-9]+(\.[0-9]+){4,}")


@dataclass(slots=True)
class Collected:
    """Text under construction, with what was found on the way."""

    text: list[str] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    length: int = 0
    remarks: int = 0
    """Characters of notes on measured or coded results."""
    sectioned: bool = False
    addendum: bool = False

    def add(self, text: str, source: str, section: str = "") -> None:
        """Append a line or lines; blank ones are kept, since they part paragraphs."""
        self.paragraphs.append(Paragraph(span=Span(self.length, self.length + len(text)), source=source,
                                         section=section))
        self._append(text)

    def heading(self, words: str) -> None:
        """Append a heading of ours."""
        self._append(f"{words}:")

    def _append(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text) + 1

    def joined(self) -> str:
        """The whole text."""
        return "\n".join(self.text)


def collect(segments: Sequence[Segment], *, settings: Settings, tables: MessageTables) -> Collected:
    """The text of one order group: its OBX and NTE in order. Raises TooLargeMessage (DOC-700, NLP-403's limit)."""
    out = Collected()
    block: object = None
    coded = False
    for segment in segments:
        if segment.name == "NTE":
            text, unknown = _unescaped(segment, 3)
            if text.strip():
                out.add(text, segment.place(3))
                out.remarks += len(text) if coded else 0
                _tell(out, unknown, segment.place(3))
            continue
        if segment.name != "OBX":
            continue
        coded = segment.value(2).upper() in _CODED
        code = section_of(segment, tables)
        lines = _lines(segment, code is not None, out, settings)
        if not lines:
            continue
        identifier = segment.raw(3)
        if identifier != block:
            block = identifier
            if code is not None:
                out.sectioned = True
                out.addendum = out.addendum or code.heading == "ADDENDUM"
                if code.heading and not _HEADING.match(lines[0]):
                    out.heading(code.heading)
        for line in lines:
            out.add(line, segment.place(5), code.section if code else "")
        if out.length > settings.max_text_characters:
            raise TooLargeMessage(Issue.at("HL7-118", segment.place(5)))
    return out


def section_of(segment: Segment, tables: MessageTables) -> SectionCode | None:
    """What OBX-3 says of the text: its suffix (`code&IMP`) or its LOINC code; None where it says nothing."""
    if not segment.raw(3):
        return None
    for component in segment.components(segment.repetitions(3)[0]):
        suffixes = segment.subcomponents(component)
        for part in suffixes[1:]:
            if (found := tables.sections.get(part.strip().upper())) is not None:
                return found
    return tables.sections.get(segment.value(3, 1)) or tables.sections.get(segment.value(3, 4))


def _lines(segment: Segment, sectioned: bool, out: Collected, settings: Settings) -> list[str]:
    kind = segment.value(2).upper()
    if kind == "ED":
        return _document(segment, out, settings)
    if kind in _CODED or segment.value(3) in _NOT_TEXT:
        return []
    if kind not in NARRATIVE and not sectioned:
        # ST and site types carry anything; words without unit and range are narrative, numbers and UIDs are not.
        value = segment.value(5)
        if segment.raw(6) or segment.raw(7) or _UID.fullmatch(value) or " " not in value:
            return []
    text, unknown = _unescaped(segment, 5)
    _tell(out, unknown, segment.place(5))
    # A text that repeats is lines; components in a text are carets that the sender forgot to escape.
    return text.split("\n") if text or kind in NARRATIVE or sectioned else []


def _unescaped(segment: Segment, field_number: int) -> tuple[str, bool]:
    raws = segment.repetitions(field_number)
    pairs = [escapes.unescape(raw, segment.delimiters, segment.codec) for raw in raws if raw != '""']
    return "\n".join(text.rstrip() for text, _ in pairs), any(unknown for _, unknown in pairs)


def _tell(out: Collected, unknown: bool, where: str) -> None:
    if unknown:
        out.issues.append(Issue.at("HL7-112", where))


def _document(segment: Segment, out: Collected, settings: Settings) -> list[str]:
    where = segment.place(5)
    lines: list[str] = []
    for raw in segment.repetitions(5):
        parts = [*segment.components(raw), "", "", "", "", ""][:5]
        kind, subtype, encoding, data = (segment.text(p).strip() for p in parts[1:5])
        try:
            if encoding.lower() == "a":
                content = data.encode()
            elif encoding.lower() == "hex":
                content = bytes.fromhex(data)
            else:
                content = base64.b64decode(re.sub(r"\s+", "", data), validate=True)
            media = subtype if subtype and subtype.lower() not in ("octet-stream", "ap") else kind
            text = text_of(content, media, max_bytes=settings.max_document_bytes, where=where)
        except (binascii.Error, ValueError):
            out.issues.append(Issue.at("HL7-117", where))
            continue
        except UnreadableMessage as error:
            out.issues.extend(error.issues)
            continue
        lines += text.split("\n")
    return lines


def numeric_only(segments: Sequence[Segment]) -> bool:
    """Whether the group carries measured or coded results, as a laboratory's does."""
    return any(s.name == "OBX" and s.value(2).upper() in ("NM", "SN", "CE", "CWE") for s in segments)
