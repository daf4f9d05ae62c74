"""Every identifying value that the message itself names, by hl7/tables/identifiers.csv."""

from collections.abc import Iterator

from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole
from fhir_adapter.tables.messages import IdentifierField, MessageTables
from fhir_adapter.wire.er7 import Message, Segment

_MAX_PLACES_OF_ADDRESS = (1, 2, 3, 5, 9)


def collect(message: Message, tables: MessageTables) -> tuple[Identifier, ...]:
    """The identifiers of one message with role and place, each value once."""
    found: dict[tuple[IdentifierKind, str], Identifier] = {}
    for segment in message.segments:
        for spec in tables.identifiers.get(segment.name, ()):
            if segment.raw(spec.field):
                for identifier in _in_field(segment, spec):
                    found.setdefault((identifier.kind, identifier.value), identifier)
    return tuple(found.values())


def _in_field(segment: Segment, spec: IdentifierField) -> Iterator[Identifier]:
    where = segment.place(spec.field)

    def one(value: str, kind: IdentifierKind = spec.kind, role: IdentifierRole = spec.role,
            parts: tuple[tuple[str, str], ...] = ()) -> Iterator[Identifier]:
        if value and value != '""':
            yield Identifier(kind=kind, role=role, value=value, where=where, parts=parts)

    for raw in segment.repetitions(spec.field):
        parts = [segment.text(part).strip() for part in segment.components(raw)]
        parts += [""] * (10 - len(parts))
        match spec.type:
            case "XPN":
                yield from _name(parts[0:5], one)
            case "XCN":
                yield from one(parts[0], IdentifierKind.ID)
                yield from _name(parts[1:6], one)
            case "NDL":
                inner = [segment.text(p).strip() for p in segment.subcomponents(segment.components(raw)[0])]
                if len(inner) > 1:
                    inner += [""] * 6
                    yield from one(inner[0], IdentifierKind.ID)
                    yield from _name(inner[1:6], one)
                else:  # many senders put an XCN here
                    yield from one(parts[0], IdentifierKind.ID)
                    yield from _name(parts[1:6], one)
            case "XAD":
                for position in _MAX_PLACES_OF_ADDRESS:
                    inner_raw = (segment.components(raw) + ("",) * 10)[position - 1]
                    yield from one(segment.text(segment.subcomponents(inner_raw)[0]).strip())
            case "XTN":
                for position in (1, 4, 12):
                    if position <= len(parts):
                        value = parts[position - 1]
                        yield from one(value, IdentifierKind.EMAIL if "@" in value else spec.kind)
                yield from one("".join(p for p in parts[5:7] if p.isdigit()))
            case "PL":
                for position in (1, 4, 7, 9):
                    if position <= len(parts):
                        inner_raw = (segment.components(raw) + ("",) * 10)[position - 1]
                        yield from one(segment.text(segment.subcomponents(inner_raw)[0]).strip())
            case "UID":
                yield from one(parts[0])
            case _:
                yield from one(parts[0])


def _name(parts: list[str], one: object) -> Iterator[Identifier]:
    family, given, middle, suffix, prefix = (p.split("&")[0].strip() for p in (parts + [""] * 5)[:5])
    named = tuple((kind, value) for kind, value in (
        ("prefix", prefix), ("given", given), ("middle", middle), ("family", family), ("suffix", suffix)) if value)
    if family or given:
        value = " ".join(v for k, v in named if k in ("given", "middle", "family"))
        yield from one(value, parts=named)  # type: ignore[operator]
