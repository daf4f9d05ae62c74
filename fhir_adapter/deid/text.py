"""One text through all recognisers, with the way back and the reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from fhir_adapter.deid.hits import Hit, settled
from fhir_adapter.deid.recognisers import ages, context, dates, patterns, titled
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.model.offsets import Edit, OffsetMap
from fhir_adapter.model.report import Identifier
from fhir_adapter.model.safe import Replacement
from fhir_adapter.model.span import Span
from fhir_adapter.tables.deidentification import DeidTables


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    """A text without the person, the way back, and why each stretch was replaced."""

    text: str
    offsets: OffsetMap
    replacements: tuple[Replacement, ...]


def scrub_text(text: str, identifiers: Sequence[Identifier], *, days: int, near: date | None, tables: DeidTables,
               surrogates: Surrogates) -> Scrubbed:
    """One text through all recognisers; `days` moves its dates, `near` gives the year to those that name none."""
    hits: list[Hit] = []
    hits += context.find(text, identifiers, tables.common_words, surrogates)
    hits += dates.find(text, days, near)
    hits += ages.find(text)
    hits += titled.find(text, surrogates)
    hits += patterns.find(text, tables)
    return _applied(text, settled(hits))


def _applied(text: str, hits: Iterable[Hit]) -> Scrubbed:
    pieces: list[str] = []
    edits: list[Edit] = []
    replacements: list[Replacement] = []
    position = length = 0
    for hit in hits:
        kept = text[position : hit.span.start]
        length += len(kept)
        after = Span(length, length + len(hit.replacement))
        pieces += [kept, hit.replacement]
        edits.append(Edit(before=hit.span, after=after))
        replacements.append(Replacement(span=after, recogniser=hit.recogniser, rule=hit.rule, why=hit.why))
        length, position = after.end, hit.span.end
    pieces.append(text[position:])
    return Scrubbed(text="".join(pieces), offsets=OffsetMap(tuple(edits)), replacements=tuple(replacements))
