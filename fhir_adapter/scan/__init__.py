"""
One compiled matcher for many phrases, used by de-identification and by the language engine.

    matcher = Matcher([Phrase(text="ground glass opacity", value=row), Phrase(text="PE", value=other, case=True)])
    for match in matcher.find(fold(text)):
        match.value, match.span

The time is linear in the text and does not grow with the number of phrases. A phrase matches whole words only; a blank
in it also stands for a run of blanks, a line break or a hyphen. Fold a text once and hand it to as many matchers as
need it.
"""

from fhir_adapter.scan.folding import Folded, fold, lowered
from fhir_adapter.scan.matcher import Match, Matcher, Phrase, longest
from fhir_adapter.scan.strings import Strings

__all__ = ["Folded", "Match", "Matcher", "Phrase", "Strings", "fold", "longest", "lowered"]
