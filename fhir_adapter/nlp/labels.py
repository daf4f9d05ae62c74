"""The sides that labels give to what stands under them ("RIGHT KIDNEY: 10 cm. No hydronephrosis.")."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fhir_adapter.model.reading import SectionKind, SideMention
from fhir_adapter.model.report import Side
from fhir_adapter.model.span import Span

_ONE = (Side.LEFT, Side.RIGHT)
_LEAD = 40  # the words before the side in a label: "KIDNEYS: Right:", "Rotator cuff, left:"
_BEFORE = re.compile(r"(?:^|\n|[.;:]\s)[ \t]*(?:\d{1,2}[.)][ \t]*|[-*•][ \t]*)?(?:[A-Za-z]+[ ,]+){0,2}$")
_BEHIND = re.compile(r"(?:[ \t]+[\w/&'-]+,?){0,4}[ \t]*(?::(?!\d)|\n)")
# Where something else begins: another label, an item of a list, a blank line.
_OTHER = re.compile(r"\n[ \t]*(?:\n|\d{1,2}[.)]\s|[-*•]\s|[A-Z][A-Za-z/&,() -]{1,48}(?::(?!\d)|\n))|"
                    r"[.;][ \t]+(?:[A-Z][A-Z/& ]{2,30}|[A-Z][a-z]+(?:[ \t][A-Za-z]+){0,2}):(?!\d)")


@dataclass(frozen=True, slots=True)
class Label:
    """A side, and the stretch of text that stands under it, in one section."""

    side: Side
    under: Span
    section: SectionKind


def sided(text: str, said: Sequence[SideMention]) -> tuple[Label, ...]:
    """The labels of a text that name one side, in order."""
    return tuple(_labels(text, said))


def of(labels: Sequence[Label], place: Span, section: SectionKind) -> Side | None:
    """The side of the label under which something stands; None where there is none."""
    return next((label.side for label in labels if label.under.covers(place) and label.section is section), None)


def _labels(text: str, said: Sequence[SideMention]) -> Iterator[Label]:
    for mention in said:
        if mention.side not in _ONE:
            continue
        behind = _BEHIND.match(text, mention.span.end)
        if behind is None or (behind.group().endswith("\n") and "\n" not in text[: mention.span.start].strip()):
            continue  # none, or the title of the report
        if not _BEFORE.search(text[max(0, mention.span.start - _LEAD) : mention.span.start]):
            continue
        other = _OTHER.search(text, behind.end() - 1)
        end = other.start() + 1 if other else len(text)
        yield Label(side=mention.side, under=Span(behind.end(), max(end, behind.end())),
                    section=mention.sentence.section)
