"""
Which cues bear on which mentions: ConText's scopes, in one sweep each way over a sentence.

A cue bears on what follows it (FORWARD), on what stands before it (BACKWARD) or on both (BIDIRECTIONAL), up to the end
of the sentence, to a TERMINATE cue, to the next cue of its own category that reaches the same way, and no further than
`max_scope` words. A PSEUDO cue bears on nothing and hides the shorter cues that it covers ("no change in" hides "no").
Harkema et al., ConText, J Biomed Inform 2009; medspaCy's reading of it.
"""

from collections.abc import Sequence

from fhir_adapter.scan import Match
from fhir_adapter.tables.language import ContextRow, TargetRow

Cue = Match[ContextRow]
Target = Match[TargetRow]


def link(flat: str, targets: Sequence[Target], cues: Sequence[Cue]) -> list[list[Cue]]:
    """The cues of each target of one sentence; both in order of their start, cues without overlaps.

    The time is linear in targets and cues: at each place at most one cue of each category is open.
    """
    bearing: list[list[Cue]] = [[] for _ in targets]
    if targets and cues:
        _sweep(flat, targets, cues, bearing)
        _sweep_back(flat, targets, cues, bearing)
    return bearing


def _sweep(flat: str, targets: Sequence[Target], cues: Sequence[Cue], bearing: list[list[Cue]]) -> None:
    open_: dict[str, Cue] = {}
    following = 0
    for number, target in enumerate(targets):
        while following < len(cues) and cues[following].start <= target.start:
            cue = cues[following]
            following += 1
            if cue.value.direction == "TERMINATE":
                open_.clear()
            elif cue.value.direction in ("FORWARD", "BIDIRECTIONAL"):
                open_[cue.value.category] = cue
        for cue in open_.values():
            if cue.end <= target.start and _within(flat, cue.end, target.start, cue.value.max_scope):
                bearing[number].append(cue)


def _sweep_back(flat: str, targets: Sequence[Target], cues: Sequence[Cue], bearing: list[list[Cue]]) -> None:
    open_: dict[str, Cue] = {}
    following = len(cues) - 1
    for number in range(len(targets) - 1, -1, -1):
        target = targets[number]
        while following >= 0 and cues[following].end >= target.end:
            cue = cues[following]
            following -= 1
            if cue.value.direction == "TERMINATE":
                open_.clear()
            elif cue.value.direction in ("BACKWARD", "BIDIRECTIONAL"):
                open_[cue.value.category] = cue
        for cue in open_.values():
            if target.end <= cue.start and _within(flat, target.end, cue.start, cue.value.max_scope):
                bearing[number].append(cue)


def _within(flat: str, start: int, end: int, words: int | None) -> bool:
    return words is None or flat.count(" ", start, end) <= words
