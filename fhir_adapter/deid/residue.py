"""The last look: no identifier of the message is left, or the message is stopped."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from fhir_adapter.deid.recognisers.context import name_tokens
from fhir_adapter.deid.words import folded
from fhir_adapter.errors import EngineError
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON, Identifier, IdentifierKind, Report
from fhir_adapter.tables.deidentification import DeidTables


def check(texts: Sequence[str], identifiers: Sequence[Identifier], birth: date | None,
          common: frozenset[str]) -> None:
    """Raise EngineError (OUT-520) if a text still holds an identifier of the message or the date of birth.

    Looked for without the recognisers, so that a fault of theirs is seen here: whole words, any case.
    """
    words = {word for text in texts for word in re.findall(r"[^\W_]+", re.sub(r"\[[A-Z-]+\d*\]", " ", folded(text)))}
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.NAME:
            left = {t for t in name_tokens(identifier) if len(t) > 4 and t not in common} & words
        elif identifier.kind in (IdentifierKind.ID, IdentifierKind.ACCESSION):
            bare = re.sub(r"[^a-z0-9]", "", folded(identifier.value))
            left = {bare} & words if len(bare) > 4 and any(c.isdigit() for c in bare) else set()
        else:
            continue
        if left:
            raise EngineError(Issue.at("OUT-520", identifier.where))
    if birth is not None:
        written = {f"{birth:%Y%m%d}", f"{birth:%Y-%m-%d}", f"{birth:%m/%d/%Y}",
                   f"{birth.month}/{birth.day}/{birth.year}"}
        # A shifted date of another day may by chance be the birth date; it is then no trace of it, but we cannot know.
        if any(form in text for text in texts for form in written):
            raise EngineError(Issue.at("OUT-520", "PID-7"))


_CODED = ("code", "system", "url", "version")


def check_bundle(bundle: JSON, report: Report, tables: DeidTables) -> None:
    """The same last look at resources that are about to leave, EngineError (OUT-520) likewise.

    Values of codes are left out, since a short number may be a code by chance, and so are names that are words of the
    descriptors' vocabulary: the texts that they could come from were checked already.
    """
    strings = tuple(_strings(bundle))
    check(strings, report.identifiers, report.patient.birth_date, tables.common_words | tables.descriptor_words)


def _strings(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _CODED or not isinstance(item, str):
                yield from _strings(item)
