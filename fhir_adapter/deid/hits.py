"""What a recogniser says: replace this stretch by that, and why."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from fhir_adapter.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One stretch to replace; of overlapping hits the lower `rank` wins, then the longer."""

    span: Span
    replacement: str = field(repr=False)
    recogniser: str
    rule: str
    why: str
    rank: int = 5

    @property
    def is_name(self) -> bool:
        """Whether a person's name is replaced."""
        return self.recogniser == "titled name" or self.rule.startswith("name of")


class Apart:
    """Spans none of which overlaps another; which of them one more overlaps is found as quickly among thousands."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._spans: dict[int, Span] = {}

    def add(self, span: Span) -> None:
        """One more; it must overlap none of them."""
        insort(self._starts, span.start)
        self._spans[span.start] = span

    def remove(self, span: Span) -> None:
        """One less."""
        del self._starts[bisect_left(self._starts, span.start)]
        del self._spans[span.start]

    def overlapping(self, span: Span) -> list[Span]:
        """Those that share a character with this one, in ascending order."""
        first, last = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        near = [self._spans[start] for start in self._starts[max(0, first - 1) : last]]
        return [other for other in near if other.overlaps(span)]


def settled(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The hits in ascending order without overlaps, and nothing that was found is left standing.

    Names that overlap are one name; any other hit that loses is cut to what is left of it.
    """
    taken: dict[Span, Hit] = {}
    places = Apart()
    for hit in sorted(hits, key=lambda h: (h.rank, -len(h.span), h.span.start)):
        rivals = places.overlapping(hit.span)
        if len(rivals) == 1 and hit.is_name and taken[rivals[0]].is_name:
            places.remove(rivals[0])
            kept = _united(taken.pop(rivals[0]), hit)
        else:
            pieces = [hit.span]
            for other in rivals:
                pieces = [rest for piece in pieces for rest in _outside(piece, other)]
            piece = max(pieces, key=len, default=None)
            if piece is None or (piece != hit.span and len(piece) <= 2):
                continue
            kept = replace(hit, span=piece)
        taken[kept.span] = kept
        places.add(kept.span)
    return tuple(taken[span] for span in sorted(taken))


def _united(one: Hit, other: Hit) -> Hit:
    """One hit for both. A patient's given name inside a signature is the signer's: the cue then says who it is."""
    span = Span(min(one.span.start, other.span.start), max(one.span.end, other.span.end))
    tag = other.replacement if one.replacement == "[PATIENT]" and not one.span.covers(other.span) else one.replacement
    return replace(one, span=span, replacement=tag)


def _outside(piece: Span, other: Span) -> list[Span]:
    if not piece.overlaps(other):
        return [piece]
    rest = [Span(piece.start, max(piece.start, other.start)), Span(min(piece.end, other.end), piece.end)]
    return [r for r in rest if len(r)]
