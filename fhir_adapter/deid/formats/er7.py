"""
ER7 back as ER7: every field by the action that hl7/tables/field_actions.csv gives its place, everything else dropped.

Separators, `""`, segment ends and empty places stay; narrative is joined over all its segments, scrubbed as one text,
and put back where it stood, so that a name broken over two OBX is one name. MSH-8 (Security) says which mode was in
force: the one field of the header that all versions have, that no receiver routes by, and that is meant for it. What
the sender wrote there goes with the rest in the modes that hide, since it may be a secret of the two systems; in mode
trusted, where the target may need it, it stays, and a segment ZDI says the mode. Each PID begins another patient, whose
dates move by that patient's days.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from fhir_adapter.deid.disguise import Disguise
from fhir_adapter.deid.formats import descriptors
from fhir_adapter.deid.text import Scrubbed
from fhir_adapter.deid.words import folded
from fhir_adapter.wire import escapes
from fhir_adapter.wire.er7 import Message, Segment

NULL = '""'
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(\d{2,6}(?:\.\d{1,4})?)?([+-]\d{4})?")
_TIME = re.compile(r"\d{2}(\d{2}){0,2}(\.\d{1,4})?([+-]\d{4})?")
_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d{1,6})?")
_RANGE = re.compile(r"[<>=]{0,2}\s*\d{1,5}(\.\d+)?(\s*-\s*\d{1,5}(\.\d+)?)?")
_UNITS = re.compile(r"[A-Za-z%]{1,6}([/*.][A-Za-z0-9]{1,5}){0,2}|10\*?3/uL")
_UID = re.compile(r"[0-2](\.\d+){3,}")
_NARRATIVE = ("TX", "FT", "ST", "")
_EVERY_PART = ("code", "words", "version", "units")


def scrub(message: Message, disguises: Sequence[Disguise]) -> Message:
    """The message without its people, one disguise for each PID; Z segments that no policy names are dropped."""
    safe: list[Segment] = []
    site = disguises[0].tables.policy.hl7v2_sites.get(message.header.value(4), {})
    for number, group in enumerate(_by_patient(message)):
        disguise = disguises[min(number, len(disguises) - 1)].at_site(site)
        texts = _texts(group, disguise)
        safe += [segment(s, disguise, texts) for s in group if s.name in disguise.fields]
    return replace(message, segments=tuple(safe))


def marked(message: Message, disguise: Disguise) -> Message:
    """The message as it is, with the mode in MSH-8; where the sender uses that field, in ZDI-1 at the end."""
    if message.header.raw(8) in ("", NULL):
        return replace(message, segments=(message.header.with_field(8, disguise.label), *message.segments[1:]))
    said = Segment(fields=("ZDI", disguise.label), delimiters=message.header.delimiters, codec=message.header.codec)
    return replace(message, segments=(*message.segments, said))


def text(message: Message) -> str:
    """All of the message as text."""
    return "\r".join(segment.encode() for segment in message.segments)


def _by_patient(message: Message) -> list[list[Segment]]:
    """The segments up to the second PID, from there to the third, and so on."""
    groups: list[list[Segment]] = [[]]
    for segment in message.segments:
        if segment.name == "PID" and any(s.name == "PID" for s in groups[-1]):
            groups.append([])
        groups[-1].append(segment)
    return groups


Texts = Mapping[tuple[str, int, int], tuple[str, ...]]


def _texts(segments: Sequence[Segment], disguise: Disguise) -> Texts:
    """The scrubbed repetitions of every narrative field, from one joined text."""
    places: list[tuple[Segment, int, list[str]]] = []
    for segment in segments:
        actions = disguise.fields.get(segment.name, ())
        for number in range(1, min(len(segment.fields), len(actions))):
            if actions[number] == "text" or (actions[number] == "observation" and _is_narrative(segment, disguise)):
                raws = list(segment.repetitions(number))
                if raws:
                    places.append((segment, number, raws))
    pieces = [segment.text(raw) for segment, _, raws in places for raw in raws]
    done = disguise.clean("\n".join(pieces))
    out: dict[tuple[str, int, int], tuple[str, ...]] = {}
    position = index = 0
    for segment, number, raws in places:
        scrubbed = []
        for raw in raws:
            piece = pieces[index]
            safe = _piece(done, position, position + len(piece), piece)
            scrubbed.append(raw if raw == NULL or (safe == piece and "\\X" not in raw) else
                            escapes.escape(safe, segment.delimiters))
            position += len(piece) + 1
            index += 1
        out[segment.name, segment.number, number] = tuple(scrubbed)
    return out


def _piece(done: Scrubbed, start: int, end: int, piece: str) -> str:
    """The safe form of [start, end); a replacement that reaches over its end stands where it begins."""
    out, position = [], start
    for edit in done.offsets.edits:
        if edit.before.end <= start or edit.before.start >= end:
            continue
        if edit.before.start >= start:
            out += [piece[position - start : edit.before.start - start], edit.after.of(done.text)]
        position = max(position, min(edit.before.end, end))
    return "".join((*out, piece[position - start :]))


def _is_narrative(segment: Segment, disguise: Disguise) -> bool:
    kind = segment.value(2).upper()
    if kind == "ST" and _UID.fullmatch(segment.value(5)):
        return False
    return kind in _NARRATIVE or (kind not in disguise.tables.policy.hl7v2_types and kind not in _OF_TYPE)


_OF_TYPE = {"NM": "number", "SI": "number", "DT": "date", "DTM": "date", "TS": "date", "TM": "time", "ID": "code",
            "IS": "code", "ST": "uid", "TN": "drop", "ED": "document", "RP": "drop"}


def segment(segment: Segment, disguise: Disguise, texts: Texts = MappingProxyType({})) -> Segment:
    """One segment by the actions of its fields; its narrative fields are given."""
    actions = disguise.fields[segment.name]
    fields = [segment.name]
    for number, raw in enumerate(segment.fields[1:], start=1):
        action = actions[number] if number < len(actions) else "drop"
        if (segment.name, segment.number, number) in texts:
            fields.append(segment.delimiters.repetition.join(texts[segment.name, segment.number, number]))
        elif action == "mode":
            fields.append(disguise.label)
        elif raw in ("", NULL) or action == "keep":
            fields.append(raw)
        else:
            if action == "observation":
                kind = segment.value(2).upper()
                action = "document" if kind == "ED" else _OF_TYPE.get(kind, kind)
            fields.append(segment.delimiters.repetition.join(
                _document(segment, raw_one, number, disguise) if action == "document" else
                _repetition(segment, raw_one, action, disguise) for raw_one in segment.repetitions(number)))
    if segment.name == "MSH" and len(fields) > 8 and not fields[8]:
        fields[8] = disguise.label
    return replace(segment, fields=tuple(fields))


def _document(segment: Segment, raw: str, field: int, disguise: Disguise) -> str:
    """An encapsulated document (ED) as its scrubbed words, plain; empty where they cannot be read."""
    parts = [segment.text(part).strip() for part in (*segment.components(raw), "", "", "", "", "")][:5]
    kind, subtype, encoding, data = parts[1:]
    try:
        match encoding.lower():
            case "a":
                content = data.encode()
            case "hex":
                content = bytes.fromhex(data)
            case _:
                content = base64.b64decode(re.sub(r"\s+", "", data), validate=True)
    except ValueError:
        content = b""
    media = subtype if subtype and subtype.lower() not in ("octet-stream", "ap") else kind
    safe = disguise.words_of(content, media, segment.place(field))
    separator = segment.delimiters.component
    return separator.join(("", "TEXT", "PLAIN", "A", escapes.escape(safe, segment.delimiters))) if safe else ""


def _repetition(segment: Segment, raw: str, action: str, disguise: Disguise) -> str:
    components = segment.components(raw)
    types = disguise.tables.policy.hl7v2_types
    out = []
    for number, component in enumerate(components, start=1):
        if action not in types:
            out.append(_parts(segment, component, action if number == 1 or action in _EVERY_PART else "drop", disguise))
            continue
        row = types[action]
        inner = row[number] if number < len(row) else "drop"
        if inner not in types:
            out.append(_parts(segment, component, inner, disguise))
            continue
        deep = types[inner]
        out.append(segment.delimiters.subcomponent.join(
            _leaf(segment, part, deep[place] if place < len(deep) and deep[place] not in types else (
                _first(deep[place], types) if place < len(deep) else "drop"), disguise)
            for place, part in enumerate(segment.subcomponents(component), start=1)))
    return segment.delimiters.component.join(out).rstrip(segment.delimiters.component + segment.delimiters.subcomponent)


def _first(kind: str, types: object) -> str:
    """A type inside a subcomponent has no place for its parts: the action of its first one."""
    row: Sequence[str] = types[kind]  # type: ignore[index]
    return row[1] if len(row) > 1 and row[1] not in types else "drop"  # type: ignore[operator]


def _parts(segment: Segment, component: str, action: str, disguise: Disguise) -> str:
    parts = segment.subcomponents(component)
    return segment.delimiters.subcomponent.join(
        _leaf(segment, part, action if place == 0 or action in _EVERY_PART else "drop", disguise)
        for place, part in enumerate(parts)).rstrip(segment.delimiters.subcomponent)


def _leaf(segment: Segment, raw: str, action: str, disguise: Disguise) -> str:
    if raw in ("", NULL) or action == "drop":
        return raw if raw == NULL else ""
    value = segment.text(raw).strip()
    safe = _value(value, action, disguise)
    return raw.strip() if safe == value else escapes.escape(safe, segment.delimiters)


def _value(value: str, action: str, disguise: Disguise) -> str:  # noqa: PLR0911 - a table of actions
    who, vocabulary, known = disguise.identity, disguise.tables.descriptor_words, disguise.known
    match action:
        case "code" | "country":
            return descriptors.code(value, vocabulary, known)
        case "words":
            return descriptors.words(value, vocabulary, known)
        case "patient" | "request" | "person" | "place" | "opaque":
            return who.pseudonym("request" if action == "opaque" else action, value) if value else ""
        case "name":
            return who.pseudonym("person", folded(value)) if value else ""
        case "uid":
            return who.uid(value)
        case "date" | "birth":
            return moved(value, disguise.days) if action == "date" or _young(value) else ""
        case "state":
            return value if re.fullmatch(r"[A-Z]{2}", value) else ""
        case "zip":
            return zip3(value, disguise.tables.sparse_zip)
        case _:
            shape = _SHAPES.get(action)
            return value if shape and shape.fullmatch(value) else ""


_SHAPES = {"number": _NUMBER, "range": _RANGE, "units": _UNITS, "time": _TIME, "version": re.compile(r"2\.\d(\.\d)?"),
           "comparator": re.compile(r"[<>=]{1,2}|[-+/.:]")}


def zip3(value: str, sparse: frozenset[str]) -> str:
    """The first three digits of a ZIP code, 000 where too few people live there, empty for what is none."""
    if not re.match(r"\d{5}", value):
        return ""
    return "000" if value[:3] in sparse else value[:3]


def _young(value: str) -> bool:
    """Whether a year of birth tells no age of ninety or more."""
    return bool(_DATE.match(value)) and date.today().year - int(value[:4]) < 90


def moved(value: str, days: int | None) -> str:
    """An HL7 date or time some days later in the same precision; a year stays, a month moves by its fifteenth.

    `days` None leaves the year alone.
    """
    if re.fullmatch(r"(19|20)\d\d", value):
        return value
    match = _DATE.fullmatch(value if len(value) != 6 else f"{value}15")
    if not match:
        return ""
    try:
        day = datetime(int(match[1]), int(match[2]), int(match[3])) + timedelta(days=days or 0)
    except (ValueError, OverflowError):
        return ""
    if days is None:
        return f"{day:%Y}"
    text = f"{day:%Y%m%d}"
    return text[:6] if len(value) == 6 else text + (match[4] or "") + (match[5] or "")
