"""What is known of a patient before the examination."""

from fhir_adapter.insights.hints import Sight
from fhir_adapter.tables.critical import CancerWords

_WITHIN = 60  # characters that a doubt stands before what it doubts, at most


def cancer_known(asked: str, text: str, words: CancerWords, sight: Sight) -> bool:
    """Whether the indication names a cancer that nobody doubts, or the report says that one is known or treated."""
    if sight.allows(words.named):
        for match in words.named.finditer(asked):
            if not (_doubted(asked, match.start(), words) or words.doubted_behind.match(asked, match.end())):
                return True
    return any(not _doubted(text, match.start(), words) for match in sight.finditer(words.said, text))


def _doubted(text: str, place: int, words: CancerWords) -> bool:
    return words.doubted_before.search(text[max(0, place - _WITHIN) : place]) is not None
