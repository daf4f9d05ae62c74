"""
Which cues bear on which mentions: ConText's scopes, in one sweep each way over a sentence.

A cue bears on what follows it (FORWARD), on what stands before it (BACKWARD) or on both (BIDIRECTIONAL), up to the end
of the sentence, to a TERMINATE cue, to the next cue of its own category that reaches the same way, and no further than
`max_scope` words; a FORWARD one with a `max_scope` is an adjective and ends at a "with" ("old infarct with edema"). A
PSEUDO cue bears on nothing and hides the shorter cues that it covers ("no change in" hides "no").
Harkema et al., ConText, J Biomed Inform 2009; medspaCy's reading of it.

Commas are ours: a denial goes on over a comma, as lists do ("no effusion, mass"), unless a `listed` TERMINATE cue
stands there and no "or" follows; every other scope, and every backward one, ends at a comma that is not part of a list
("opacity, pneumonia not excluded" doubts the pneumonia alone). A cue may share words with the mention ("no acute" with
"acute fracture").
"""

from collections.abc import Sequence

from fhir_adapter.scan import Match, longest
from fhir_adapter.tables.language import ContextRow, TargetRow

Cue = Match[ContextRow]
Target = Match[TargetRow]

_OVER_COMMAS = {"NEGATED_EXISTENCE", "FAMILY"}
_ITEM = 45  # the longest item of a list, in characters
_JOINS = (" or ", " and ", " nor ", " vs ", " vs. ", " versus ")


def settle(cues: Sequence[Cue]) -> list[Cue]:
    """Of overlapping cues (in order) the leftmost longest; a TERMINATE cue hides no other, but may be hidden."""
    kept = longest(cue for cue in cues if cue.value.direction != "TERMINATE")
    ends = [cue for cue in cues if cue.value.direction == "TERMINATE"]
    if not ends:
        return kept
    free: list[Cue] = []
    nearest = 0
    for end in ends:
        while nearest < len(kept) and kept[nearest].end < end.end:
            nearest += 1
        if nearest == len(kept) or kept[nearest].start > end.start:
            free.append(end)
    return sorted(kept + free, key=_start)


def link(flat: str, start: int, end: int, targets: Sequence[Target], cues: Sequence[Cue]) -> list[list[Cue]]:
    """The cues of each target of the sentence [start, end); both in order of their start, cues settled.

    The time is linear in targets and cues: at each place at most one cue of each category is open.
    """
    bearing: list[list[Cue]] = [[] for _ in targets]
    if targets and cues:
        ors = max(flat.rfind(" or ", start, end), flat.rfind(" nor ", start, end))
        cues = [cue for cue in cues if cue.start >= ors or not cue.value.listed or cue.value.direction != "TERMINATE"]
        breaks = _breaks(flat, start, end)
        _sweep(flat, targets, cues, breaks, bearing)
        _sweep_back(flat, targets, cues, breaks, bearing)
    return bearing


def _breaks(flat: str, start: int, end: int) -> list[int]:
    """The commas that are not part of a list: no joining word follows within an item, nor after the next commas."""
    commas = []
    at = flat.find(", ", start, end)
    while at >= 0:
        commas.append(at)
        at = flat.find(", ", at + 1, end)
    breaks = []
    following, listed = end, False
    for comma in reversed(commas):
        stop = min(following, comma + _ITEM)
        joined = any(flat.find(word, comma, stop) >= 0 for word in _JOINS)
        listed = joined or (listed and following - comma <= _ITEM)
        if not listed:
            breaks.append(comma)
        following = comma + 1
    breaks.reverse()
    return breaks


def _sweep(flat: str, targets: Sequence[Target], cues: Sequence[Cue], breaks: Sequence[int],
           bearing: list[list[Cue]]) -> None:
    open_: dict[tuple[str, bool], Cue] = {}  # an adjective does not close a cue that reaches further
    following = passed = 0
    last = -1
    for number, target in enumerate(targets):
        while following < len(cues) and cues[following].start <= target.start:
            cue = cues[following]
            following += 1
            if cue.value.direction == "TERMINATE":
                open_.clear()
            elif cue.value.direction in ("FORWARD", "BIDIRECTIONAL") and not (
                    cue.start == target.start and cue.end < target.end):  # "absent kidney" is there, and no denial
                open_[cue.value.category, cue.value.max_scope is None] = cue
        while passed < len(breaks) and breaks[passed] < target.start:
            last = breaks[passed]
            passed += 1
        for (category, _), cue in open_.items():
            if (cue.start < target.start and cue.end < target.end
                    and (cue.end > last or cue.value.listed or category in _OVER_COMMAS)
                    and _within(flat, cue.end, target.start, cue.value.max_scope)
                    and (cue.value.max_scope is None or flat.find(" with ", cue.end, target.start) < 0)):
                bearing[number].append(cue)


def _sweep_back(flat: str, targets: Sequence[Target], cues: Sequence[Cue], breaks: Sequence[int],
                bearing: list[list[Cue]]) -> None:
    open_: dict[str, Cue] = {}
    following, passed = len(cues) - 1, len(breaks) - 1
    last = len(flat)
    for number in range(len(targets) - 1, -1, -1):
        target = targets[number]
        while following >= 0 and cues[following].end >= target.end:
            cue = cues[following]
            following -= 1
            if cue.value.direction == "TERMINATE":
                open_.clear()
            elif cue.value.direction in ("BACKWARD", "BIDIRECTIONAL"):
                open_[cue.value.category] = cue
        while passed >= 0 and breaks[passed] >= target.end:
            last = breaks[passed]
            passed -= 1
        for cue in open_.values():
            end = flat.find(", ", target.end, cue.start - 1) if cue.value.listed else -1
            around = cue.start < target.start and target.end <= cue.end  # "is not enlarged" holds the mention
            if around or (target.end < cue.end and target.start < cue.start <= last + 1 and end < 0
                          and _within(flat, target.end, cue.start, cue.value.max_scope)):
                bearing[number].append(cue)


def _within(flat: str, start: int, end: int, words: int | None) -> bool:
    return words is None or flat.count(" ", start, max(start, end)) <= words


def _start(cue: Cue) -> int:
    return cue.start
