"""
The compact form in which the gold reports are written, and its translation into the annotated-report format.

A report starts with a head line, `=== id | style | sex birth service | order`, may have lines `quality:`, `complete:`,
`limited:`, `missing side:` and `only:` with the kinds that were looked for, if they are not all but guidance
(`judgements`: the mismatches, critical results and quality measures), then `---` and the text. The words to be found
stand in braces, `{tag|words}`, nested where they overlap; braces do not occur otherwise. `*` in a head: not said.
The tags:

`+ - ? < ~ %` then `concept@site.side#link`
    a finding: present, absent, possible, historical, hypothetical, family; without a concept the words are it
`m#link`, `mp#link`, `m>organ`, `m#link=6,mm`
    a measurement of the finding with that link, or of an organ; `p` prior; the numbers if the words do not show them
`R:kind modality site.side flags`
    a recommendation: i(maging) p(rocedure) c(onsultation) o(ther); flags c(onditional) h(edging) g(uideline)
`i6mo`, `i3-6mo`, `i<6mo`, `i>6mo`, `i`
    the interval inside a recommendation: point, range, within, at least, without a number
`C role ack 2024-05-02T14:35`
    a communication: role, `ack` or `sent`, the moment if said
`!NAME`, `S:SYSTEM=value`
    a critical result; a score
`G:guideline=CT 6-12mo`, `G:guideline=nothing`, `G:guideline=missing`
    a finding with what the guideline first proposes (CT MR US PT imaging procedure consultation), once for each finding
`age`, `sex:male`, `lat:type`, `contrast`
    a mismatch or discrepancy
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

KINDS = ("ageMismatch", "sexMismatch", "lateralityDiscrepancy", "completeOrderDiscrepancy", "limitedOrderDiscrepancy",
         "findings", "measurements", "criticalResults", "recommendations", "communications", "scores",
         "qualityMeasures", "contrastDiscrepancy")
_JUDGEMENTS = ("ageMismatch", "sexMismatch", "lateralityDiscrepancy", "completeOrderDiscrepancy",
               "limitedOrderDiscrepancy", "criticalResults", "qualityMeasures", "contrastDiscrepancy")
_IDENTIFIERS = {"fleischner": "RID50149", "tirads": "RID50503", "thyroid": "237495005", "adrenal": "237783006",
                "renal": "79131000119100", "liver": "300331000", "pancreas": "31258000", "adnexa": "97171000119100",
                "aorta": "233985008"}
_ASSERTIONS = {"+": "present", "-": "absent", "?": "possible", "<": "historical", "~": "hypothetical", "%": "family"}
_SIDES = {"l": "left", "r": "right", "b": "bilateral"}
_RECOMMENDED = {"i": "imaging", "p": "procedure", "c": "consultation", "o": "other"}
_DAYS = {"d": 1, "wk": 7, "mo": 30, "y": 365}
_FINDING = re.compile(r"([-+?<~%])([^@#.]*)(?:@([^#.]+))?(?:\.([lrb]))?(?:#(\w+))?")
_MEASURE = re.compile(r"m(p?)(?:#(\w+))?(?:>([\w -]+))?(?:=([^,]+),(.+))?")
_INTERVAL = re.compile(r"i(?:([<>]?)(\d+)(?:-(\d+))?(d|wk|mo|y))?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_UNITS = ((r"cm/s", "cm/s"), (r"(?<![a-z])mm\b|millimet(?:er|re)s?\b", "mm"),
          (r"(?<![a-z])cms?\b|centimet(?:er|re)s?\b", "cm"), (r"(?<![a-z])HU\b|Hounsfield", "[hnsf'U]"),
          (r"(?<![a-z])(?:mLs?|ccs?)\b", "mL"), (r"%|percent", "%"), (r"degrees?|°", "deg"), (r"SUV", "{SUV}"))


class MarkupError(ValueError):
    """A report is not written as the form asks; names the report and the place."""


@dataclass
class _Mark:
    tag: str
    start: int
    end: int = 0
    inside: list["_Mark"] = field(default_factory=list)


def reports(source: str) -> Iterator[dict[str, object]]:
    """Every report of a source file as a record of the gold format."""
    for block in re.split(r"^=== ", source, flags=re.MULTILINE)[1:]:
        head, _, rest = block.partition("\n")
        options, _, body = rest.partition("---\n")
        yield _record(head, options, body.strip("\n"))


def _record(head: str, options: str, body: str) -> dict[str, object]:
    name, style, person, order = (part.strip() for part in head.split("|", 3))
    try:
        text, marks = _plain(body)
        gold: dict[str, list[dict[str, object]]] = {kind: [] for kind in KINDS}
        _report_level(options, gold)
        gold["guidance"] = []
        _fill(gold, text, marks)
        gold = {kind: items for kind, items in gold.items() if kind in _looked_for(options)}
        sex, birth, service = person.split()
        return {"id": name, "style": style,
                "patient": {"sex": None if sex == "*" else sex, "birthDate": None if birth == "*" else birth},
                "serviceDate": service, "order": _order(order), "text": text, "gold": gold}
    except (ValueError, KeyError) as error:
        raise MarkupError(f"{name}: {error}") from error


def _order(text: str) -> dict[str, object]:
    match = re.fullmatch(r"(\S+) (\S+) \"(.+)\" (\S+) ([^.]+)(?:\.([lrb]))?(?: (with|without|both))?", text)
    if match is None:
        raise MarkupError(f"order: {text}")
    system, code, display, modality, site, side, contrast = match.groups()
    return {"code": code, "system": system, "display": display, "modality": modality, "site": site.strip(),
            "laterality": _SIDES.get(side or ""), "contrast": contrast}


def _plain(body: str) -> tuple[str, list[_Mark]]:
    """The text without its braces, and the marks in order of their beginnings."""
    out: list[str] = []
    length, position = 0, 0
    stack: list[_Mark] = []
    marks: list[_Mark] = []
    while position < len(body):
        character = body[position]
        if character == "{":
            bar = body.index("|", position)
            mark = _Mark(tag=" ".join(body[position + 1 : bar].split()), start=length)
            if stack:
                stack[-1].inside.append(mark)
            stack.append(mark)
            marks.append(mark)
            position = bar + 1
            continue
        if character == "}":
            if not stack:
                raise MarkupError(f"a brace closes nothing near {body[position - 20 : position]!r}")
            stack.pop().end = length
        else:
            out.append(character)
            length += 1
        position += 1
    if stack:
        raise MarkupError(f"a brace is open: {stack[0].tag}")
    return "".join(out), marks


def _looked_for(options: str) -> tuple[str, ...]:
    listed = next((line.partition(":")[2].split() for line in options.splitlines() if line.startswith("only:")), KINDS)
    listed = tuple(kind for name in listed for kind in (_JUDGEMENTS if name == "judgements" else (name,)))
    if unknown := set(listed) - {*KINDS, "guidance"}:
        raise MarkupError(f"kind {min(unknown)}")
    return tuple(listed)


def _report_level(options: str, gold: dict[str, list[dict[str, object]]]) -> None:
    for line in options.splitlines():
        key, _, value = line.partition(":")
        parts = dict(part.split("=", 1) for part in value.split(";") if "=" in part)
        listed = {k.strip(): [v.strip() for v in item.split(",") if v.strip()] for k, item in parts.items()}
        if key == "quality":
            gold["qualityMeasures"] += [{"measure": k, "compliance": v[0]} for k, v in listed.items()]
        elif key == "complete":
            gold["completeOrderDiscrepancy"].append(
                {"missing": listed.get("missing", []), "missingMeasurements": listed.get("measurements", [])})
        elif key == "limited":
            gold["limitedOrderDiscrepancy"].append(
                {"present": listed.get("present", []), "presentMeasurements": listed.get("measurements", [])})
        elif key == "missing side":
            gold["lateralityDiscrepancy"].append({"type": "textLateralityMissing", "phrase": None, "start": None})
        elif key and key != "only":
            raise MarkupError(f"option {key}")


def _fill(gold: dict[str, list[dict[str, object]]], text: str, marks: list[_Mark]) -> None:
    measured: dict[str, list[dict[str, object]]] = {}
    linked: dict[str, dict[str, object]] = {}
    for mark in marks:
        words: dict[str, object] = {"phrase": text[mark.start : mark.end], "start": mark.start}
        tag = mark.tag
        if tag == "age":
            gold["ageMismatch"].append(words)
        elif tag.startswith("sex:"):
            gold["sexMismatch"].append(words | {"indicates": tag[4:]})
        elif tag.startswith("lat:"):
            gold["lateralityDiscrepancy"].append({"type": tag[4:]} | words)
        elif tag == "contrast":
            gold["contrastDiscrepancy"].append(words)
        elif tag.startswith("!"):
            gold["criticalResults"].append(words | {"name": tag[1:]})
        elif tag.startswith("S:"):
            system, value = tag[2:].split("=")
            gold["scores"].append(words | {"system": system, "value": value})
        elif tag.startswith("G:"):
            gold["guidance"].append(words | _guidance(tag))
        elif tag.startswith("C "):
            gold["communications"].append(words | _communication(tag))
        elif tag.startswith("R:"):
            gold["recommendations"].append(words | _recommendation(tag, text, mark.inside))
        elif match := _FINDING.fullmatch(tag):
            sign, concept, site, side, link = match.groups()
            finding = words | {"concept": concept.strip() or str(words["phrase"]).lower(),
                               "assertion": _ASSERTIONS[sign], "site": site, "laterality": _SIDES.get(side or ""),
                               "sizes": []}
            gold["findings"].append(finding)
            if link:
                if link in linked:
                    raise MarkupError(f"link {link} is used twice")
                linked[link] = finding
        elif match := _MEASURE.fullmatch(tag):
            gold["measurements"].append(_measurement(words, match, measured))
        elif not _INTERVAL.fullmatch(tag):
            raise MarkupError(f"tag {tag}")
    for link, items in measured.items():
        finding = linked[link]
        for item in items:
            item["of"] = finding["concept"]
            finding["sizes"] = [*finding["sizes"], *_sizes(item)]  # type: ignore[misc]
    for item in gold["measurements"]:
        item.pop("comparator")


def _communication(tag: str) -> dict[str, object]:
    parts = tag.split()[1:]
    return {"recipientRole": parts[0], "acknowledged": {"ack": True, "sent": False}[parts[1]],
            "at": parts[2] if len(parts) > 2 else None}


def _recommendation(tag: str, text: str, inside: list[_Mark]) -> dict[str, object]:
    kind, modality, where, *flags = tag[2:].split()
    site, _, side = where.replace("_", " ").partition(".")
    interval = None
    for mark in inside:
        if match := _INTERVAL.fullmatch(mark.tag):
            if interval:
                raise MarkupError("two intervals in a recommendation")
            interval = _interval(match) | {"text": text[mark.start : mark.end]}
    return {"kind": _RECOMMENDED[kind], "modality": None if modality == "*" else modality,
            "site": None if site == "*" else site, "laterality": _SIDES.get(side), "interval": interval,
            "conditional": "c" in "".join(flags), "hedging": "h" in "".join(flags), "guideline": "g" in "".join(flags)}


def _guidance(tag: str) -> dict[str, object]:
    guideline, _, outcome = tag[2:].partition("=")
    known: dict[str, object] = {"identifier": _IDENTIFIERS[guideline]}
    if outcome in ("nothing", "missing"):
        return known | {"outcome": outcome, "kind": None, "modality": None, "interval": None}
    what, _, when = outcome.partition(" ")
    interval = _INTERVAL.fullmatch(f"i{when}") if when else None
    if when and interval is None:
        raise MarkupError(f"interval {when}")
    other = what in ("procedure", "consultation")
    return known | {"outcome": "proposal", "kind": what if other else "imaging",
                    "modality": None if other or what == "imaging" else what,
                    "interval": _interval(interval) if interval else None}


def _interval(match: re.Match[str]) -> dict[str, object]:
    sign, low, high, unit = match.groups()
    if low is None:
        return {"min_days": None, "max_days": None}
    days = _DAYS[unit]
    first, last = int(low) * days, int(high or low) * days
    return {"min_days": None if sign == "<" else first, "max_days": None if sign == ">" else last}


def _measurement(words: dict[str, object], match: re.Match[str],
                 measured: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    prior, link, organ, numbers, unit = match.groups()
    phrase = str(words["phrase"])
    values = [Decimal(n) for n in (numbers or " ".join(_NUMBER.findall(phrase))).split()]
    unit = unit or next((u for pattern, u in _UNITS if re.search(pattern, phrase, re.IGNORECASE)), "")
    if not values or not unit or not (link or organ):
        raise MarkupError(f"measurement {phrase!r}")
    ranged = len(values) == 2 and bool(re.search(r"\d\s*(?:-|–|to)\s*\d", phrase))
    item = words | {"values": [float(v) if v % 1 else int(v) for v in values], "unit": unit, "of": organ,
                    "current": not prior, "comparator": _comparator(phrase)}
    if ranged:
        item["range"] = True
    if link:
        measured.setdefault(link, []).append(item)
    return item


def _comparator(phrase: str) -> str | None:
    for pattern, sign in ((r"up to|no more than|at most|no larger than", "<="), (r"less than|under|below|sub|<", "<"),
                          (r"greater than|more than|over|exceeding|>", ">"), (r"at least", ">="),
                          (r"approximately|about|roughly|around|~|approx|nearly", "~")):
        if re.search(pattern, phrase, re.IGNORECASE):
            return sign
    return None


def _sizes(item: dict[str, object]) -> list[dict[str, object]]:
    if item["unit"] not in ("mm", "cm"):
        return []
    values: list[float] = item["values"]  # type: ignore[assignment]
    common = {"unit": item["unit"], "current": item["current"]}
    if item.get("range"):
        return [{"value": v, "comparator": c} | common for v, c in zip(values, (">=", "<="), strict=True)]
    return [{"value": v, "comparator": item["comparator"]} | common for v in values]
