"""One text through all recognisers, with the way back and the reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fhir_adapter.deid.hits import Hit, settled
from fhir_adapter.deid.recognisers import again, ages, context, dates, names, patterns, places, titled
from fhir_adapter.deid.recognisers.context import Known
from fhir_adapter.deid.scanner import scanner_of
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.words import INVISIBLE, seen
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


def scrub_text(text: str, identifiers: Sequence[Identifier] | Known, *, days: int | None, near: date | None,
               tables: DeidTables, surrogates: Surrogates) -> Scrubbed:
    """One text through all recognisers; `days` moves its dates, `near` gives the year to those that name none.

    `days` None leaves only the year of a date. Who has several texts of one message makes its `Known` once.
    """
    known = identifiers if isinstance(identifiers, Known) else Known.of(identifiers, tables)
    if INVISIBLE.search(text):
        return _seen_through(text, known, days=days, near=near, tables=tables, surrogates=surrogates)
    return _applied(text, settled(_hits(text, known, days, near, tables, surrogates)))


def _hits(text: str, known: Known, days: int | None, near: date | None,
          tables: DeidTables, surrogates: Surrogates) -> list[Hit]:
    there = scanner_of(tables)(seen(text))
    hits: list[Hit] = []
    hits += context.find(there, known, surrogates)
    hits += dates.find(there, days, near)
    hits += ages.find(there, near)
    hits += titled.find(there, surrogates, tables.words)
    hits += names.find(there.text, tables.words, surrogates)
    hits += places.find(there, tables.words)
    hits += patterns.find(there, tables)
    hits += again.find(there, hits, tables.words)
    return hits


def _seen_through(text: str, known: Known, *, days: int | None, near: date | None,
                  tables: DeidTables, surrogates: Surrogates) -> Scrubbed:
    """The text read without its invisible characters, which hide a name from a search; places are those of `text`."""
    places = [n for n, c in enumerate(text) if not INVISIBLE.match(c)]
    hits = settled(_hits("".join(text[n] for n in places), known, days, near, tables, surrogates))
    return _applied(text, [replace(hit, span=Span(places[hit.span.start], places[hit.span.end - 1] + 1))
                           for hit in hits])


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
