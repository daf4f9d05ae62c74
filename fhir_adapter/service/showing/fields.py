"""A message by its fields: what the standard calls each, which were read, which is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fhir_adapter.service.showing.report import inert
from fhir_adapter.wire.er7 import Message, Segment

_LONG = 400
_HIDDEN = "•••"
_OPEN = {"MSH", "FHS", "BHS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field that has a value. `place` is what issues and evidence call it; `wrong` are the codes of its issues."""

    place: str
    number: int
    name: str
    value: str
    long: bool
    unused: bool
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSegment:
    """One segment with its fields; `wrong` are the codes of issues that name the segment or a field that is empty.

    One that is `missing` was not sent, though an issue asks for it.
    """

    name: str
    number: int
    fields: tuple[Field, ...]
    wrong: tuple[str, ...]
    missing: bool = False


def fields(message: Message, *, names: Mapping[str, tuple[str, ...]], unused: Sequence[str],
           wrong: Sequence[tuple[str, str]], hidden: bool) -> tuple[ShownSegment, ...]:
    """The segments of a message. `wrong` are places and codes of issues; `hidden` shows where there is something, and
    what only outside the head of the message.
    """
    left = set(unused)
    sent = {(one.name, one.number) for one in message.segments}
    asked: dict[tuple[str, int], list[str]] = {}
    for where, code in wrong:
        if _segment_of(where) not in sent:
            asked.setdefault(_segment_of(where), []).append(code)
    return (*(_segment(one, names.get(one.name, ()), left, wrong, hidden) for one in message.segments),
            *(ShownSegment(name=name, number=number, fields=(), wrong=tuple(dict.fromkeys(codes)), missing=True)
              for (name, number), codes in asked.items()))


def _segment(segment: Segment, names: Sequence[str], unused: set[str], wrong: Sequence[tuple[str, str]],
             hidden: bool) -> ShownSegment:
    shown = []
    named: set[str] = set()
    for number, raw in enumerate(segment.fields[1:], start=1):
        place = segment.place(number)
        codes = tuple(dict.fromkeys(code for where, code in wrong if _is_at(where, place, segment, number)))
        if codes:
            named |= set(codes)
        if not raw and not codes:
            continue
        value = _HIDDEN if hidden and raw and segment.name not in _OPEN else inert(raw)
        shown.append(Field(place=place, number=number, name=names[number - 1] if number <= len(names) else "",
                           value=value, long=len(value) > _LONG, wrong=codes,
                           unused=place in unused or f"{segment.name}-{number}" in unused))
    own = tuple(dict.fromkeys(code for where, code in wrong
                              if code not in named and _segment_of(where) == (segment.name, segment.number)))
    return ShownSegment(name=segment.name, number=segment.number, fields=tuple(shown), wrong=own)


def _is_at(where: str, place: str, segment: Segment, number: int) -> bool:
    """Whether an issue's place is this field or a part of it; without a number it means the first segment."""
    here = where.split(".", maxsplit=1)[0]
    return here == place or (here == f"{segment.name}-{number}" and segment.number == 1)


def _segment_of(where: str) -> tuple[str, int]:
    name, _, rest = where.partition("-")[0].partition("[")
    number = rest.rstrip("]")
    return name, int(number) if number.isdecimal() else 1
