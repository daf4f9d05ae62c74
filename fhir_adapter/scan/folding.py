"""A text in the form in which phrases are compared, and the way back to its own characters."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from fhir_adapter.model.span import Span

# White space and hyphens become blanks, typographic apostrophes plain ones; one character each, so offsets stay.
_PLAIN = dict.fromkeys((code for code in range(0x3001) if chr(code).isspace()), " ")
_PLAIN |= dict.fromkeys((ord("-"), 0x2010, 0x2011, 0x2012, 0x2013), " ")
_PLAIN |= {0x2018: "'", 0x2019: "'", 0x02BC: "'"}
_RUN = re.compile("  +")


@dataclass(frozen=True, slots=True)
class Folded:
    """`low` is `text` in lower case, character by character; `flat` also has one blank for each run of white space and
    hyphens.
    """

    text: str
    low: str
    flat: str
    starts: tuple[int, ...]
    """Where in `flat` a shortened run ends, in order."""
    ends: tuple[int, ...]
    """Where in `text` the same run ends."""

    def place(self, at: int) -> int:
        """Where in `text` the character `at` of `flat` stands."""
        run = bisect_right(self.starts, at)
        return at - self.starts[run - 1] + self.ends[run - 1] if run else at

    def span(self, start: int, end: int) -> Span:
        """The characters of `text` that [start, end) of `flat` stands for; neither end may be in a run of blanks."""
        starts = self.starts
        if not starts:
            return Span(start, end)
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
        return Span(start - starts[first] + self.ends[first] if first >= 0 else start,
                    end - starts[last] + self.ends[last] if last >= 0 else end)

    def flat_place(self, at: int) -> int:
        """Where in `flat` the character `at` of `text` stands; a character within a run is at the run's blank."""
        run = bisect_right(self.ends, at)
        place = at - self.ends[run - 1] + self.starts[run - 1] if run else at
        return min(place, self.starts[run] - 1) if run < len(self.starts) else place


def fold(text: str) -> Folded:
    """Fold a text; linear in its length, and `text` is kept as it is."""
    low = lowered(text)
    plain = low.translate(_PLAIN)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = shift = 0
    for run in _RUN.finditer(plain):
        start, end = run.span()
        pieces.append(plain[done : start + 1])
        done = end
        starts.append(start + 1 - shift)
        ends.append(end)
        shift = end - starts[-1]
    pieces.append(plain[done:])
    return Folded(text, low, "".join(pieces), tuple(starts), tuple(ends))


def lowered(text: str) -> str:
    """The text in lower case, character by character, so that places stay what they are."""
    low = text.lower()
    if len(low) != len(text):  # a few capitals have a lower case of two characters
        low = "".join(small if len(small := character.lower()) == 1 else character for character in text)
    return low
