"""Tables as one page that needs nothing else: no script, no font, no address."""

from collections.abc import Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined

from fhir_adapter.evaluation.telling import Table


def page(title: str, summary: str, tables: Iterable[Table]) -> str:
    """The page as HTML; whatever stands in a report stays words, because everything is escaped."""
    environment = Environment(loader=PackageLoader("fhir_adapter.evaluation"), autoescape=True,
                              undefined=StrictUndefined)
    return environment.get_template("evaluation.html").render(title=title, summary=summary, tables=tuple(tables)) + "\n"
