"""
Marks: short words without which a layer finds nothing in a sentence.

All marks of all layers are found in the one pass that finds the phrases of the tables, so that a layer looks only at
the sentences that may hold something for it. A mark is one bit; each scoring system has its own, from `SCORES` on.
"""

from collections.abc import Iterator

from fhir_adapter.scan import Phrase
from fhir_adapter.tables.language import LanguageTables

MEASUREMENT, RECOMMENDATION, COMMUNICATION, CONTRAST, SEX, AGE, COMPARISON, RULE, SIDE, NUMERAL = (
    1 << n for n in range(10))
SCORES = 16
"""Where the bits of the scoring systems begin."""

# What stands behind the number of an age: "54-year-old", "54 y/o", "54 years male", "aged 54".
_AGES = ("old", "yo", "y o", "y/", "y.", "male, ", *(f" {person}" for person in (
    "male", "female", "man", "woman", "boy", "girl", "patient", "infant", "child", "toddler", "newborn",
    "neonate", "baby", "gentleman", "lady", "teenager", "adolescent", "individual", "smoker", "athlete")))
_AGE_WORDS = ("age", "aged", "pt", *(f"{unit}{s} {sex}" for unit in ("year", "yr", "month", "mo", "week", "wk", "day")
                               for s in ("", "s") for sex in "mf"))
_COMPARISONS = ("contralateral", "compared", "comparison", "relative", "asymmetric", "than", "unlike", "opposite")
_NUMERALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "minus")
_RULES = ("per", "according", "based")
_SIDES = ("bilateral", "bilaterally", "both", "biapical", "bibasilar", "bibasal", "either",
          "left", "right", "lt", "rt", "lul", "lll", "luq", "llq", "rul", "rml", "rll", "ruq", "rlq")


def phrases(tables: LanguageTables, group: int) -> Iterator[Phrase[int]]:
    """The marks of all layers as phrases of a `group`."""
    parts = [(MEASUREMENT, tables.measurements.hints), (RECOMMENDATION, tables.recommendations.hints),
             (COMMUNICATION, tables.communications.hints), (CONTRAST, tables.technique.hints), (AGE, _AGES),
             (COMPARISON, _COMPARISONS), *((1 << SCORES + n, row.hints) for n, row in enumerate(tables.scores))]
    words = [(SEX, tuple(row.literal for row in tables.sexes)), (AGE, _AGE_WORDS), (RULE, _RULES), (SIDE, _SIDES),
             (NUMERAL, _NUMERALS)]
    for part, lists in ((True, parts), (False, words)):
        for mark, literals in lists:
            for literal in literals:
                yield Phrase(text=literal, value=mark, part=part, group=group)
