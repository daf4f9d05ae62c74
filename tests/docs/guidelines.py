"""The page of guidelines: which tables there are, with their year, their source and every row."""

from collections.abc import Iterator

from fhir_adapter.tables.load import document
from tests.conftest import ROOT

FOLDER = ROOT / "mappings" / "insights"


def guidelines() -> str:
    """The page."""
    return "\n".join(("# Guidelines\n", *_guidance(), *_measures()))


def _guidance() -> Iterator[str]:
    yield ("Behind the insights of kind `guidance`. Each table gives its source, where its figures were read, and what "
           "of the guideline it leaves out. A size is a diameter in millimetres.\n")
    for path in sorted((FOLDER / "guidance").glob("*.yaml")):
        row = document(path, schema=FOLDER / "guidance" / "guideline.schema.json")
        code = row["identifier"]
        yield f"## {row['title']}\n"
        yield f"`mappings/insights/guidance/{path.name}`, {row['year']}. {row['source']}.\n".replace("..\n", ".\n")
        yield f"Figures: {row['figures']}\n"
        if "left_out" in row:
            yield f"Left out: {row['left_out']}\n"
        yield f"Identifier: {code['code']} ({code['display']}). Modalities: {', '.join(row['modalities'])}.\n"
        yield "| row | when | size | proposal |\n|---|---|---|---|"
        for choice in row["rows"]:
            when = [f"{name.lower()}: {', '.join(v.lower() for v in values)}"
                    for name, values in choice.get("when", {}).items()]
            when += [f"age {_range(choice['age'])}"] if "age" in choice else []
            said = " ".join(p["text"] for p in choice["proposals"])
            yield f"| `{choice['id']}` | {'; '.join(when)} | {_range(choice.get('size'))} | {said} |"
        yield ""


def _measures() -> Iterator[str]:
    yield ("## Quality measures\n\nBehind the insights of kind `qualityMeasure`: "
           "`mappings/insights/quality_measures.yaml`. Of the 23 types of the Radiology Insights API `acrad39` is "
           "missing, as no public text of it was found.\n")
    yield "| measure | year | title | denominator | criteria | source | conditions read in |"
    yield "|---|---|---|---|---|---|---|"
    for row in document(FOLDER / "quality_measures.yaml")["measures"]:
        ways = row.get("met", [[criterion["name"] for criterion in row["criteria"]]])
        criteria = " or ".join(" and ".join(name.lower() for name in names) for names in ways)
        title = f"{row['title']} (lower is better)" if row.get("inverse") else row["title"]
        columns = (f"`{row['id']}`", str(row["year"]), title, row["denominator"], criteria, row["source"], row["read"])
        yield f"| {' | '.join(columns)} |"


def _range(limits: dict[str, float] | None) -> str:
    return " ".join(f"{name.replace('_', ' ')} {value}" for name, value in (limits or {}).items())
