"""The way back from a de-identified text to the text as it was sent."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from fhir_adapter.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One replaced stretch: `before` in the sender's text became `after` in the safe text."""

    before: Span
    after: Span


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Translates spans between a text and its edited copy.

    `edits` are in ascending order and do not touch each other. Characters outside the edits map one to one; a span
    that touches an edited stretch takes in the whole stretch on the other side, because its inside has no counterpart.
    """

    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        for earlier, later in zip(self.edits, self.edits[1:], strict=False):
            if earlier.before.end > later.before.start or earlier.after.end > later.after.start:
                raise ValueError("edits must be ascending and apart")

    def to_original(self, span: Span) -> Span:
        """The sender's characters behind `span` of the safe text."""
        return self._across(span, attrgetter("after"), attrgetter("before"))

    def to_safe(self, span: Span) -> Span:
        """The safe text's characters for `span` of the sender's text."""
        return self._across(span, attrgetter("before"), attrgetter("after"))

    def _across(self, span: Span, near: Callable[[Edit], Span], far: Callable[[Edit], Span]) -> Span:
        def cross(position: int, *, is_end: bool) -> int:
            # No list is made of the edits: a long text has many of them, and many spans to translate.
            index = bisect_right(self.edits, position - 1 if is_end else position, key=lambda e: near(e).start) - 1
            if index < 0:
                return position
            here, there = near(self.edits[index]), far(self.edits[index])
            if position < here.end or (is_end and position <= here.end):
                return there.end if is_end else there.start
            return position + there.end - here.end

        start = cross(span.start, is_end=False)
        if len(span) == 0:
            return Span(start, start)
        return Span(start, max(start, cross(span.end, is_end=True)))
