"""
How sizes are written in a text in lower case: the patterns that the words of mappings/nlp/measurements.yaml make,
compiled once.
"""

import re
from dataclasses import dataclass

from fhir_adapter.nlp.lower import lower
from fhir_adapter.tables.extraction import MeasurementWords, UnitRow
from fhir_adapter.tables.once import once

WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
          "nine": "9", "ten": "10"}
NUMBER = rf"(?:(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,5}})(?:\.\d{{1,3}})?|\.\d{{1,3}}|\b(?:{'|'.join(WORDS)})\b)"
_BY = r"(?:\s*[x×*]\s*|\s+by\s+)"
_TO = r"(?:\s*(?P<dash>[-–—])\s*|\s+(?P<to>to)\s+|\s*(?P<and>,?\s+(?:and|or)\s+|&))"


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """The patterns that the words of the table make.

    `usual` is the `anchor` of most sizes; `any_before` and `any_after` are all comparators in one.
    """

    usual: re.Pattern[str]
    anchor: re.Pattern[str]
    size: re.Pattern[str]
    uptake: re.Pattern[str]
    bare: re.Pattern[str]
    units: tuple[tuple[re.Pattern[str], UnitRow], ...]
    small: tuple[tuple[re.Pattern[str], str], ...]
    axes: tuple[tuple[re.Pattern[str], str], ...]
    axis: re.Pattern[str]
    axes_before: re.Pattern[str]
    axes_after: re.Pattern[str]
    before: tuple[tuple[re.Pattern[str], str], ...]
    after: tuple[tuple[re.Pattern[str], str], ...]
    any_before: re.Pattern[str]
    any_after: re.Pattern[str]
    ends: re.Pattern[str]
    follows: re.Pattern[str]
    distance: re.Pattern[str]
    contrast: re.Pattern[str]
    angle: re.Pattern[str]
    fraction_before: re.Pattern[str]
    fraction_after: re.Pattern[str]
    guideline: re.Pattern[str]


def _before(comparators: str) -> re.Pattern[str]:
    return lower(rf"(?:^|(?<=[\s(~,:])|(?<=^))(?P<cue>{comparators})\s*(?:(?:approximately|about|a|an|the|is)\s+)*$")


def _after(comparators: str) -> re.Pattern[str]:
    return lower(rf"\s*(?:in\s+\w+\s+)?(?:{comparators})\b")


@once
def grammar(words: MeasurementWords) -> Grammar:
    """Compile the table once."""
    unit = "|".join(sorted((row.words for row in words.units), key=len, reverse=True))
    end = r"(?:(?![\w²³^])|(?=x\s*[\d.]))"
    axis = "|".join(expression for _, expression in words.axes)
    letter = "|".join(name for name, _ in words.letters)
    one = rf"(?:{axis}|{letter})"
    listed = rf"{one}(?:\s*(?:x|×|by|,\s*and|,|/|and)\s*{one}){{1,2}}"

    def part(n: int) -> str:
        return (rf"(?P<n{n}>{NUMBER})(?:\s*-?\s*(?P<u{n}>{unit}){end})?"
                rf"(?:\s*\(\s*(?P<p{n}>{one})\s*\)(?:\s*(?P<w{n}>{unit}){end})?|"
                rf"\s*(?:in\s+)?(?P<a{n}>{axis}|[lwhdt](?=\s*(?:[x×]|[cm]m\b)))\b(?!\s+(?:of\s+)?\d)(?:\s*(?P<v{n}>mm|cm)\b)?)?")

    return Grammar(
        usual=lower(rf"[\d)]\s*-?\s*(?:{unit}){end}"),
        anchor=lower(rf"(?:[\d)]|\b(?:{'|'.join(WORDS)}))\s*-?\s*(?:{unit}){end}|"
                     rf"(?:{axis}|\b[lwhdt])\s*[cm]m\b|\bsub-?\s?(?:cm\b|cent|mill)|\bsuv|"
                         rf"\b(?:hu|hounsfield\s+units?)(?:\s+(?:of|is))?\s*[:=]?\s*[-−]?\d"),
        size=lower(rf"(?<![\w.,])(?<!\d[/:])(?P<sign>(?<![\d\w])[-−](?=\d)|minus\s+)?{part(1)}"
                       rf"(?:{_BY}{part(2)}(?:{_BY}{part(3)})?|{_TO}(?P<high>{NUMBER})(?:\s*-?\s*(?P<uh>{unit}){end})?)?"),
        uptake=lower(rf"\b(?:{words.uptake.words})(?:\s+(?:values?|of|is|was|=|measur\w+|up\s+to|approximately|to))*"
                         rf"\s*[:=]?\s*(?P<n1>{NUMBER})(?:\s*(?:-|–|to)\s*(?P<high>{NUMBER}))?(?!\s*(?:cm|mm|%))"),
        bare=lower(r"\b(?:hu|hounsfield\s+units?)\s*(?:of|is|value|values|:|=)?\s*(?P<sign>[-−])?"
                       rf"(?P<n1>{NUMBER})(?:\s*(?:-|–|to)\s*(?P<high>{NUMBER}))?(?!\w|\.\d)(?!\s*(?:{unit}){end})"),
        units=tuple((lower(row.words), row) for row in words.units),
        small=tuple((lower(rf"\b(?:{expression})(?!\w)"), name) for name, expression in words.less_than_one),
        axes=(*((lower(expression), name) for name, expression in words.axes),
              *((lower(letter), name) for letter, name in words.letters)),
        axis=lower(rf"\b(?:{one})\b"),
        axes_before=lower(rf"\(?\s*\b({listed})\s*\)?\s*(?:dimensions?|diameters?)?(?:\s*[:=]|\s+(?:of|is|are|"
                              r"measur\w+))*\s*$"),
        axes_after=lower(rf"[\s,]*(?:in\s+)?(?:the\s+|its\s+)?\(?\s*({listed})(?![\w])"),
        before=tuple((_before(expression), sign) for sign, expression in words.comparators),
        after=tuple((_after(expression), sign) for sign, expression in words.after),
        any_before=_before("|".join(expression for _, expression in words.comparators)),
        any_after=_after("|".join(expression for _, expression in words.after)),
        ends=lower("(?:" + "|".join((words.technique_before, words.distance_before, words.normal_before,
                                     words.delta_before)) + ")$"),
        follows=lower(f"{words.technique_after}|{words.normal_after}"),
        distance=lower(rf"(?:{words.distance_after})\b"),
        contrast=lower(words.contrast),
        angle=lower(words.angle_words),
        fraction_before=lower(rf"(?:{words.fraction_before})$"),
        fraction_after=lower(words.fraction_after),
        guideline=lower(words.guideline))
