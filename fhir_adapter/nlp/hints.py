"""A cheap look before costly patterns: the sentences that hold one of some short words at all."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from fhir_adapter.model.reading import Sentence


def lowered(text: str) -> str:
    """The text in lower case, character by character, so that places stay what they are."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def hinted(text: str, sentences: Sequence[Sentence], hints: Sequence[str]) -> Iterator[Sentence]:
    """The sentences in whose span a hint (in lower case) begins, in order."""
    low = lowered(text)
    starts = [sentence.span.start for sentence in sentences]
    found: set[int] = set()
    for hint in hints:
        place = low.find(hint)
        while place >= 0:
            number = bisect_right(starts, place) - 1
            if number >= 0:
                found.add(number)
                # the rest of this sentence tells nothing new
                place = low.find(hint, max(place + 1, sentences[number].span.end - len(hint) + 1))
            else:
                place = low.find(hint, place + 1)
    return (sentences[number] for number in sorted(found))
