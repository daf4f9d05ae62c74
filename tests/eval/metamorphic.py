"""
One thing of a real report is changed, and exactly one insight must change with it.

    python -m tests.eval.metamorphic [--part A|B] [--errors]

Each flip makes two reports of one: as it was written, where the alarm would be false, and with the side, the sex, the
age, the negation or the unit changed, where it must come. Which reports can be flipped is decided by their words and by
the tags that people gave them, never by what the engine read. PPV is that of equal shares of both. The last table
counts alarms on reports as they were written, for metadata that agree with them. Errors are printed of part A only.
"""

import argparse
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from fhir_adapter import insights, settings, tables
from fhir_adapter.insights.confidence import class_of
from fhir_adapter.model.insight import Insight, Kind
from fhir_adapter.model.report import Age, Order, Sex, Side
from fhir_adapter.model.safe import SafeReport
from fhir_adapter.nlp.engine import load_engine
from tests.eval.openi import DATA, part
from tests.nlp.reports import safe

_SIDE = re.compile(r"\b(left|right)\b", re.IGNORECASE)
_BOTH = re.compile(r"\b(?:bilateral\w*|both|biapical|bibasilar|bibasal|contralateral)\b", re.IGNORECASE)
# Sides that are no place: the heart's own, a shift, a view.
_NO_PLACE = re.compile(r"\b(?:left|right)\s+(?:ventric|atri|heart|paratrach|lateral)|(?:left|right)ward|"
                       r"to(?:wards?)?\s+the\s+(?:left|right)", re.IGNORECASE)
_NOUNS = ("effusion", "pneumothorax", "opacity", "nodule", "atelectasis", "consolidation", "mass", "infiltrate",
          "fracture", "granuloma", "scarring", "hemidiaphragm", "pneumonia", "airspace disease")
_DENIED = re.compile(r"\b(?:no|without|negative|free of|clear of|resolved)\b[^.]*$", re.IGNORECASE)
_AGE = re.compile(r"\bXXXX[- ]year[- ]old\b")
_SEXED = {Sex.FEMALE: re.compile(r"\b(?:female|woman)\b", re.IGNORECASE),
          Sex.MALE: re.compile(r"\b(?:(?<!fe)male|man|gentleman)\b", re.IGNORECASE)}
_OF_ONE_SEX = {Sex.FEMALE: re.compile(r"pregnan|hysterectom|uter(?:us|ine)|ovar|vagin|cervical cancer", re.IGNORECASE),
               Sex.MALE: re.compile(r"prostat|testic|testis", re.IGNORECASE)}
_OTHERS = re.compile(r"\b(?:mother|father|brother|sister|wife|husband|son|daughter|famil\w+)\b", re.IGNORECASE)
_SIZE = re.compile(r"\b(\d+(?:\.\d+)?)\s*(mm|cm)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One report of a pair: what must be told of it (`wanted`) when it was flipped, and must not when it was not."""

    flip: str
    identifier: str
    report: SafeReport
    wanted: Callable[[Insight], bool]
    flipped: bool


def _of(kind: Kind, words: str = "") -> Callable[[Insight], bool]:
    return lambda i: i.kind is kind and words in f"{i.rule} {i.statement}"


def _text(row: dict[str, str], **changed: str) -> str:
    parts = {**row, **changed}
    return "\n\n".join(f"{name.upper()}: {parts[name]}" for name in ("indication", "findings", "impression")
                       if parts[name].strip())


def _swap(text: str) -> str:
    other = {"left": "right", "right": "left", "Left": "Right", "Right": "Left", "LEFT": "RIGHT", "RIGHT": "LEFT"}
    return _SIDE.sub(lambda m: other.get(m[0], m[0]), text)


def _one_side(*texts: str) -> str:
    """The only side that the texts name as a place, or empty."""
    sides = {m[0].lower() for text in texts for m in _SIDE.finditer(_NO_PLACE.sub("", text))}
    return sides.pop() if len(sides) == 1 and not any(_BOTH.search(t) for t in texts) else ""


def _sided_nouns(text: str) -> set[str]:
    """Nouns that a sentence affirms beside its only side."""
    return {noun for sentence in re.split(r"(?<=[.;])\s+", text) if _one_side(sentence)
            for noun in _NOUNS if (at := sentence.lower().find(noun)) >= 0 and not _DENIED.search(sentence[:at])}


def impression_side(row: dict[str, str]) -> Iterator[Case]:
    """The impression's sides are swapped, where both sections affirm one thing on one side."""
    if (side := _one_side(row["findings"], row["impression"])) and f"/{side}" in row["mesh"] and (
            _sided_nouns(row["findings"]) & _sided_nouns(row["impression"])):
        wanted = _of(Kind.LATERALITY_DISCREPANCY, "textLateralityContradiction")
        for flipped, text in ((False, _text(row)), (True, _text(row, impression=_swap(row["impression"])))):
            yield Case(flip="side of the impression", identifier=row["id"], report=safe(text), wanted=wanted,
                       flipped=flipped)


def order_side(row: dict[str, str]) -> Iterator[Case]:
    """The report affirms things on one side only; the order names that side, or the other."""
    told = f"{row['findings']} {row['impression']}"
    if (word := _one_side(told, row["indication"])) and f"/{word}" in row["mesh"] and _sided_nouns(told):
        wanted = _of(Kind.LATERALITY_DISCREPANCY, "orderLateralityMismatch")
        for side in (Side(word), Side(word).opposite):
            order = Order(text=f"XR RIBS {side.value.upper()}", modality="DX", side=side)
            yield Case(flip="side of the order", identifier=row["id"], report=safe(_text(row), order=order),
                       wanted=wanted, flipped=side.value != word)


def sex(row: dict[str, str]) -> Iterator[Case]:
    """The indication calls the patient a man or a woman; the metadata say so, or the other."""
    said = {s for s, words in _SEXED.items() if words.search(row["indication"])}
    if len(said) == 1 and not _OTHERS.search(row["indication"]):
        for told in (Sex.MALE, Sex.FEMALE):
            yield Case(flip="sex", identifier=row["id"], report=safe(_text(row), sex=told),
                       wanted=_of(Kind.SEX_MISMATCH), flipped=told not in said)


def age(row: dict[str, str]) -> Iterator[Case]:
    """The indication's hidden age is made 57; the metadata say 57, or 68."""
    if len(_AGE.findall(row["indication"])) == 1 and not _OTHERS.search(row["indication"]):
        report = safe(_text(row, indication=_AGE.sub("57-year-old", row["indication"])))
        for known in (57, 68):
            patient = replace(report.patient, age=Age(value=known))
            yield Case(flip="age", identifier=row["id"], report=replace(report, patient=patient),
                       wanted=_of(Kind.AGE_MISMATCH), flipped=known != 57)


def negation(row: dict[str, str]) -> Iterator[Case]:
    """A sentence that denies a pneumothorax alone is made to affirm it."""
    sentence = re.search(r"(?:^|(?<=\. ))(?:There is )?[Nn]o (?:visible |definite |evidence of )?pneumothorax\.",
                         row["findings"])
    if sentence and len(re.findall("(?i)pneumothora", row["findings"] + row["impression"])) == 1:
        changed = row["findings"].replace(sentence[0], "There is a small pneumothorax.")
        for flipped, findings in ((False, row["findings"]), (True, changed)):
            yield Case(flip="negation", identifier=row["id"], report=safe(_text(row, findings=findings)),
                       wanted=_of(Kind.CRITICAL_RESULT, "pneumothorax"), flipped=flipped)


def unit(row: dict[str, str]) -> Iterator[Case]:
    """One size stands in both sections; the impression's unit is changed."""
    above, below = _SIZE.findall(row["findings"]), _SIZE.findall(row["impression"])
    if len(above) == len(below) == 1 and above == below:
        number, said = below[0]
        changed = row["impression"].replace(f"{number} {said}", f"{number} {'cm' if said == 'mm' else 'mm'}")
        for flipped, impression in ((False, row["impression"]), (True, changed)):
            yield Case(flip="unit", identifier=row["id"], report=safe(_text(row, impression=impression)),
                       wanted=_of(Kind.MEASUREMENT_DISCREPANCY), flipped=flipped)


FLIPS = (impression_side, order_side, sex, age, negation, unit)
_QUIET = (Kind.LATERALITY_DISCREPANCY, Kind.SEX_MISMATCH, Kind.AGE_MISMATCH, Kind.MEASUREMENT_DISCREPANCY)


def as_written(row: dict[str, str]) -> SafeReport:
    """A report with metadata that agree with it: its sex, an age of 57 where it hides one, an order without side."""
    text = _text(row, indication=_AGE.sub("57-year-old", row["indication"]))
    said = [s for s, words in (*_SEXED.items(), *_OF_ONE_SEX.items()) if words.search(text)]
    other = Sex.FEMALE if int(re.sub(r"\D", "", row["id"])) % 2 else Sex.MALE
    report = safe(text, sex=said[0] if said else other, order=Order(text="XR CHEST 2 VIEWS", modality="DX"))
    hidden = _AGE.search(row["indication"])
    return replace(report, patient=replace(report.patient, age=Age(value=57) if hidden else None))


def measure(parts: str, *, errors: bool = False) -> tuple[Counter[tuple[str, bool, bool]], Counter[tuple[Kind, str]]]:
    """By flip, whether it was flipped and told; and by kind and type of side trouble, alarms on reports as written."""
    loaded = settings.load(key="5a" * 32)
    rules = tables.load(loaded.tables_dir)
    engine = load_engine(loaded, rules.language)
    count: Counter[tuple[str, bool, bool]] = Counter()
    alarms: Counter[tuple[Kind, str]] = Counter()
    for row in rows(parts):
        for case in (case for flip in FLIPS for case in flip(row)):
            told = any(map(case.wanted, insights.run(engine.read(case.report), tables=rules)))
            count[case.flip, case.flipped, told] += 1
            if errors and told != case.flipped and part(row["id"]) == "A":
                print(case.flip, "missed" if case.flipped else "false", case.identifier, case.report.text, sep=" | ")
        for insight in insights.run(engine.read(as_written(row)), tables=rules):
            if insight.kind in _QUIET:
                alarms[insight.kind, class_of(insight)] += 1
                if errors and part(row["id"]) == "A":
                    print("as written", insight.kind.value, row["id"], insight.statement, _text(row), sep=" | ")
    return count, alarms


def rows(parts: str) -> list[dict[str, str]]:
    """The reports of these parts."""
    with (DATA / "eval" / "openi-dev.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if part(row["id"]) in parts]


def main() -> None:
    """Print both tables, and the errors of part A if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", default="AB", choices=["A", "B", "AB"])
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    count, alarms = measure(options.part, errors=options.errors)
    print(f"{'flip':<26}{'reports':>8}{'found':>8}{'recall':>8}{'false':>7}{'PPV':>8}")
    for flip in sorted({name for name, _, _ in count}):
        right, missed, false = (count[flip, *key] for key in ((True, True), (True, False), (False, True)))
        print(f"{flip:<26}{right + missed:>8}{right:>8}{right / (right + missed):>8.3f}{false:>7}"
              f"{right / (right + false) if right + false else 0:>8.3f}")
    total = len(rows(options.part))
    print(f"as written, {total} reports:")
    for kind in _QUIET:
        told = sum(number for (named, _), number in alarms.items() if named is kind)
        print(f"{kind.value:<26}{told:>8}{told / total:>16.2%}")


if __name__ == "__main__":
    main()
