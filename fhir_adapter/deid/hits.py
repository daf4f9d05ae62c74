"""What a recogniser says: replace this stretch by that, and why."""

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


def settled(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The hits in ascending order without overlaps, and nothing that was found is left standing.

    Names that overlap are one name; any other hit that loses is cut to what is left of it.
    """
    taken: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.rank, -len(h.span), h.span.start)):
        rivals = [other for other in taken if other.span.overlaps(hit.span)]
        if len(rivals) == 1 and hit.is_name and rivals[0].is_name:
            taken.remove(rivals[0])
            taken.append(_united(rivals[0], hit))
            continue
        pieces = [hit.span]
        for other in rivals:
            pieces = [rest for piece in pieces for rest in _outside(piece, other.span)]
        if pieces:
            piece = max(pieces, key=len)
            if piece == hit.span or len(piece) > 2:
                taken.append(replace(hit, span=piece))
    return tuple(sorted(taken, key=lambda h: h.span))


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
