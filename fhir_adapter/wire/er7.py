"""
ER7, the pipes and hats of HL7 v2 (chapter 2.5), split and joined.

A `Message` is its segments; a `Segment` its raw fields, still escaped. Nothing is split further until asked, and
`encode` gives back what was taken apart, so a message with some fields replaced is otherwise the sender's own.

    message = parse(text)
    message.first("PID").value(5, 1)              unescaped first component of the first repetition of PID-5
    segment.repetitions(3) -> (raw, raw…)         segment.with_field(5, raw) -> Segment
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fhir_adapter.errors import TooLargeMessage, UnreadableMessage
from fhir_adapter.issues import Issue
from fhir_adapter.wire import escapes
from fhir_adapter.wire.delimiters import Delimiters

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
MAX_SEGMENTS = 100_000


def _split(raw: str, separator: str) -> tuple[str, ...]:
    return tuple(raw.split(separator)) if separator else (raw,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment: `fields[0]` is its name; `fields[n]` is field n, raw. In MSH, `fields[1]` is the separator itself.

    `number` counts segments of this name from 1, as in `OBX[3]`.
    """

    fields: tuple[str, ...]
    delimiters: Delimiters
    number: int = 1
    codec: str = "utf-8"

    @property
    def name(self) -> str:
        """The three letters."""
        return self.fields[0]

    def place(self, field: int) -> str:
        """How issues name a field of this segment: `PID-5`, `OBX[3]-5`."""
        many = "" if self.number == 1 and self.name in ("MSH", "PID", "PV1", "EVN", "TXA") else f"[{self.number}]"
        return f"{self.name}{many}-{field}"

    def raw(self, field: int) -> str:
        """Field `field`, still escaped; empty where the segment is shorter."""
        return self.fields[field] if field < len(self.fields) else ""

    def repetitions(self, field: int) -> tuple[str, ...]:
        """The raw repetitions of a field; none where it is empty."""
        raw = self.raw(field)
        return _split(raw, self.delimiters.repetition) if raw else ()

    def components(self, repetition: str) -> tuple[str, ...]:
        """The raw components of a raw repetition."""
        return _split(repetition, self.delimiters.component)

    def subcomponents(self, component: str) -> tuple[str, ...]:
        """The raw subcomponents of a raw component."""
        return _split(component, self.delimiters.subcomponent)

    def text(self, raw: str) -> str:
        """`raw` unescaped; HL7's explicit null `""` is empty."""
        return "" if raw == '""' else escapes.unescape(raw, self.delimiters, self.codec)[0]

    def value(self, field: int, component: int = 1, repetition: int = 1, subcomponent: int = 1) -> str:
        """One unescaped value, stripped; empty where there is none. All positions count from 1."""
        repetitions = self.repetitions(field)
        if repetition > len(repetitions):
            return ""
        components = self.components(repetitions[repetition - 1])
        if component > len(components):
            return ""
        subcomponents = self.subcomponents(components[component - 1])
        if subcomponent > len(subcomponents):
            return ""
        return self.text(subcomponents[subcomponent - 1]).strip()

    def with_field(self, field: int, raw: str) -> "Segment":
        """The segment with one raw field replaced (and lengthened if need be)."""
        fields = [*self.fields, *[""] * (field + 1 - len(self.fields))]
        fields[field] = raw
        return replace(self, fields=tuple(fields))

    def encode(self) -> str:
        """The segment as it goes over the wire, without its ending."""
        separator = self.delimiters.field
        if self.name == "MSH":
            return "MSH" + separator + separator.join(self.fields[2:])
        return separator.join(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: its segments in order; the first is MSH."""

    segments: tuple[Segment, ...]
    delimiters: Delimiters
    codec: str = "utf-8"
    issues: tuple[Issue, ...] = ()

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    def all(self, name: str) -> Iterator[Segment]:
        """Every segment of one name."""
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        """The first segment of one name, if there is one."""
        return next(self.all(name), None)

    def encode(self) -> bytes:
        """The message as bytes in its own character set, each segment ended by a carriage return."""
        return ("\r".join(segment.encode() for segment in self.segments) + "\r").encode(self.codec)


def parse(text: str, codec: str = "utf-8") -> Message:
    """Split the text of one message.

    Segments may end in CR, LF or CRLF; blank lines and blanks before a segment are skipped. A line that does not begin
    like a segment continues the field before it, which is how a raw line break inside a text reaches us. Raises
    UnreadableMessage (HL7-101 no MSH, HL7-102 delimiters, HL7-120 null bytes) or TooLargeMessage (HL7-123).
    """
    lines = re.split(r"[\r\n]+", text.strip("\r\n \t\x0b\x1c"))
    if not lines[0].startswith("MSH"):
        raise UnreadableMessage(Issue.at("HL7-101", "MSH"))
    if "\x00" in text:
        raise UnreadableMessage(Issue.at("HL7-120", "MSH"))
    if len(lines) > MAX_SEGMENTS:
        raise TooLargeMessage(Issue.at("HL7-123", "MSH"))
    delimiters = Delimiters.of(lines[0])
    raws: list[list[str]] = []
    for line in lines:
        stripped = line.lstrip(" \t")
        if _SEGMENT.match(stripped) and (len(stripped) == 3 or stripped[3:4] == delimiters.field):
            raws.append([stripped])
        elif stripped and raws:
            raws[-1].append(line)
    counts: dict[str, int] = {}
    segments = []
    for parts in raws:
        raw = f"{delimiters.escape}.br{delimiters.escape}".join(parts) if len(parts) > 1 else parts[0]
        fields = raw.split(delimiters.field)
        name = fields[0]
        if name == "MSH":
            fields.insert(1, delimiters.field)
        counts[name] = counts.get(name, 0) + 1
        segments.append(Segment(fields=tuple(fields), delimiters=delimiters, number=counts[name], codec=codec))
    return Message(segments=tuple(segments), delimiters=delimiters, codec=codec)
