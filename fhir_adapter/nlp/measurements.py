"""
Sizes of things: one to three dimensions, ranges, comparators, current or quoted from an earlier examination.

Never from the technique (slice thickness), nor from doses, levels, dates, series or image numbers: only numbers with a
unit of length count.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fhir_adapter.model.reading import Measurement, SectionKind, Sentence
from fhir_adapter.model.span import Span

_NUMBER = r"\d{1,3}(?:\.\d{1,2})?|\.\d{1,2}"
_UNIT = r"mm|millimeters?|cm|centimeters?"
_SIZE = re.compile(
    rf"(?<![\w.])(?P<a>{_NUMBER})\s*-?\s*(?P<ua>{_UNIT})?"
    rf"(?:\s*(?:(?P<range>-|–|to)\s*(?P<high>{_NUMBER})|(?:x|×|by)\s*(?P<b>{_NUMBER})\s*-?\s*(?P<ub>{_UNIT})?"
    rf"(?:\s*(?:x|×|by)\s*(?P<c>{_NUMBER})\s*-?\s*(?P<uc>{_UNIT})?)?))?\s*-?\s*(?P<unit>{_UNIT})?(?![\w])",
    re.IGNORECASE)
_COMPARATORS = (
    (re.compile(r"(?:up to|at most|no more than|maximum of)\s*(?:a\s*)?$", re.IGNORECASE), "<="),
    (re.compile(r"(?:at least|no less than)\s*$", re.IGNORECASE), ">="),
    (re.compile(r"(?:greater than|larger than|more than|over|exceeding|>)\s*$", re.IGNORECASE), ">"),
    (re.compile(r"(?:less than|smaller than|under|below|<)\s*$", re.IGNORECASE), "<"),
    (re.compile(r"(?:approximately|about|around|roughly|nearly|~|approx\.?|estimated)\s*$", re.IGNORECASE), "~"),
)
_TECHNIQUE_AFTER = re.compile(
    r"\s*(?:(?:thick|axial|contiguous|collimation|slice|section|cut|interval|increment|reconstruct|image|imaging|field|"
    r"helical|coronal|sagittal)\w*)", re.IGNORECASE)
_TECHNIQUE_BEFORE = re.compile(r"(?:thickness|collimation|slices?|sections?|intervals?|increments?)(?:\s+\w+){0,2}\s*$",
                               re.IGNORECASE)
_DISTANCE_AFTER = re.compile(r"\s*(?:above|below|from the|proximal to|distal to|cephalad|caudal)\b", re.IGNORECASE)
_WHEN = re.compile(
    r"\b(?P<prior>previously|prior(?:ly)?|formerly|earlier|was|were|had measured|compared (?:to|with)|versus|from)\b"
    r"|\b(?P<now>now|currently|today|presently|is|are|measures|measuring|increased to|decreased to)\b", re.IGNORECASE)
_PRIOR_AFTER = re.compile(r"\s*(?:\)|,)?\s*(?:previously|on (?:the )?prior|on (?:the )?previous|before|in \d{4}\b)",
                          re.IGNORECASE)


def find(text: str, sentences: Sequence[Sentence]) -> tuple[tuple[Measurement, Sentence], ...]:
    """Every size with its sentence, in order."""
    return tuple((m, s) for s in sentences if s.section is not SectionKind.TECHNIQUE for m in _in(text, s))


def _in(text: str, sentence: Sentence) -> Iterator[Measurement]:
    words = sentence.span.of(text)
    for match in _SIZE.finditer(words):
        units = [match.group(name) for name in ("unit", "uc", "ub", "ua") if match.group(name)]
        if not units:
            continue
        before, after = words[: match.start()], words[match.end() :]
        if _TECHNIQUE_AFTER.match(after) or _TECHNIQUE_BEFORE.search(before) or _DISTANCE_AFTER.match(after):
            continue
        values = tuple(Decimal(match.group(name)) for name in "abc" if match.group(name))
        comparator = next((sign for cue, sign in _COMPARATORS if cue.search(before)), "")
        yield Measurement(
            span=Span(match.start(), match.end()).shifted(sentence.span.start),
            values=values,
            unit="mm" if units[0].lower().startswith("m") else "cm",
            high=Decimal(match.group("high")) if match.group("high") else None,
            comparator=comparator,
            current=_current(before, after))


def _current(before: str, after: str) -> bool:
    if _PRIOR_AFTER.match(after):
        return False
    cues = list(_WHEN.finditer(before))
    if not cues or cues[-1].lastgroup == "now":
        return True
    # "was" and "from" speak of an earlier size only close to it; "from" needs a "to" or a comparison of sizes.
    near = before[cues[-1].end() :]
    word = cues[-1].group().lower()
    if word in ("was", "were", "from", "versus"):
        return not re.fullmatch(r"\s*(?:measured|measuring|approximately|about|previously|up to)?\s*", near)
    return len(near) > 40
