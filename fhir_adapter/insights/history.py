"""What is known of a patient before the examination."""

import re

from fhir_adapter.insights.hints import Sight
from fhir_adapter.model.reading import Reading, SectionKind
from fhir_adapter.tables.critical import CancerWords

_BLANKS = {code: " " for code in range(0x3001) if re.match(r"\s", chr(code))}
_WITHIN = 60  # characters that a doubt stands before what it doubts, at most


def flat(text: str) -> str:
    """The text with a blank for each other white space, so that patterns need not think of wrapped lines."""
    return text.translate(_BLANKS)


def reason(reading: Reading) -> str:
    """Why the examination was asked for: the order's reason, the indication, and what stands before all headings."""
    text = flat(reading.report.text)
    asked = (s.body.of(text) for place, s in enumerate(reading.sections) if s.kind is SectionKind.INDICATION or (
        place == 0 and s.heading is None and len(reading.sections) > 1))
    return "\n".join((reading.report.order.reason, *asked))


def cancer_known(reading: Reading, words: CancerWords, sight: Sight) -> bool:
    """Whether the indication names a cancer that nobody doubts, or the report says that one is known or treated."""
    if sight.allows(words.named):
        asked = reason(reading)
        for match in words.named.finditer(asked):
            if not (_doubted(asked, match.start(), words) or words.doubted_behind.match(asked, match.end())):
                return True
    text = flat(reading.report.text)
    return any(not _doubted(text, match.start(), words) for match in sight.finditer(words.said, text))


def _doubted(text: str, place: int, words: CancerWords) -> bool:
    return words.doubted_before.search(text[max(0, place - _WITHIN) : place]) is not None
