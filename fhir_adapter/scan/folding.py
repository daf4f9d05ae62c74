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
    """`flat` is `text` in lower case with one blank for each run of white space and hyphens."""

    text: str
    flat: str
    starts: tuple[int, ...]
    """Where in `flat` a shortened run ends, in order."""
    shifts: tuple[int, ...]
    """How far the characters from the start of the same number on stand further on in `text`."""

    def place(self, at: int) -> int:
        """Where in `text` the character `at` of `flat` stands."""
        if not self.starts:
            return at
        run = bisect_right(self.starts, at)
        return at + self.shifts[run - 1] if run else at

    def span(self, start: int, end: int) -> Span:
        """The characters of `text` that [start, end) of `flat` stands for; neither end may be in a run of blanks."""
        return Span(self.place(start), self.place(end - 1) + 1)

    def flat_place(self, at: int) -> int:
        """Where in `flat` the character `at` of `text` stands; a character within a run is at the run's blank."""
        if not self.starts:
            return at
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            if self.starts[middle] + self.shifts[middle] <= at:
                low = middle + 1
            else:
                high = middle
        place = at - self.shifts[low - 1] if low else at
        return min(place, self.starts[low] - 1) if low < len(self.starts) else place


def fold(text: str) -> Folded:
    """Fold a text; linear in its length, and `text` is kept as it is."""
    low = text.lower()
    if len(low) != len(text):  # a few capitals have a lower case of two characters
        low = "".join(small if len(small := character.lower()) == 1 else character for character in text)
    plain = low.translate(_PLAIN)
    pieces: list[str] = []
    starts: list[int] = []
    shifts: list[int] = []
    done = shift = 0
    for run in _RUN.finditer(plain):
        pieces.append(plain[done : run.start() + 1])
        done = run.end()
        starts.append(run.start() + 1 - shift)
        shift += run.end() - run.start() - 1
        shifts.append(shift)
    if not starts:
        return Folded(text, plain, (), ())
    pieces.append(plain[done:])
    return Folded(text, "".join(pieces), tuple(starts), tuple(shifts))
