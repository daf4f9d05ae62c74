"""The patterns of mappings/deid/patterns.yaml: contacts, identifiers, addresses, facilities."""

from collections.abc import Iterator

from fhir_adapter.deid.hits import Hit
from fhir_adapter.model.span import Span
from fhir_adapter.tables.deidentification import DeidTables


def find(text: str, tables: DeidTables) -> Iterator[Hit]:
    """Each hit of each pattern that is not inside what is protected."""
    protected = [Span(*m.span()) for expression in tables.protected for m in expression.finditer(text)]
    for pattern in tables.patterns:
        group: str | int = "value" if "value" in pattern.expression.groupindex else 0
        for match in pattern.expression.finditer(text):
            span = Span(*match.span(group))
            if any(other.covers(span) for other in protected):
                continue
            yield Hit(span=span, replacement=f"[{pattern.tag}]", recogniser=pattern.recogniser, rule=pattern.rule,
                      why=pattern.why, rank=4)
