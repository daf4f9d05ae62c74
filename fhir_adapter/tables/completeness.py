"""What the complete ultrasound examinations show: mappings/insights/completeness.yaml."""

import re
from dataclasses import dataclass
from pathlib import Path

from fhir_adapter.errors import TableError
from fhir_adapter.model.code import CPT, Code
from fhir_adapter.model.report import Sex, Side
from fhir_adapter.tables.load import document


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """A part of the body and the words that speak of it."""

    code: Code
    words: re.Pattern[str]
    side: Side | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminationRow:
    """One examination: its CPT codes, the words of its site, for whom and when it holds, what it must show."""

    id: str
    complete: Code
    limited: Code
    words: re.Pattern[str]
    when: re.Pattern[str] | None
    sex: Sex | None
    required: tuple[PartRow, ...]
    measured: tuple[PartRow, ...]


def load(path: Path) -> tuple[ExaminationRow, ...]:
    """Load the table, or raise a TableError; a required part without a row is one."""
    content = document(path)

    def compiled(words: str, where: str) -> re.Pattern[str]:
        try:
            return re.compile(words, re.IGNORECASE)
        except re.error:
            raise TableError(f"{path.name}:{where}: is no regular expression") from None

    parts = {r["id"]: PartRow(code=Code(system=r["system"], code=r["code"], display=r["display"]),
                              words=compiled(r["words"], r["id"]), side=Side(r["side"]) if "side" in r else None)
             for r in content["parts"]}
    unknown = {name for r in content["examinations"] for name in (*r["required"], *r.get("measured", ()))} - set(parts)
    if unknown:
        raise TableError(f"{path.name}: a required part has no row in parts")
    return tuple(ExaminationRow(
        id=r["id"], complete=Code(system=CPT, **r["complete"]), limited=Code(system=CPT, **r["limited"]),
        words=compiled(r["words"], r["id"]), when=compiled(r["when"], r["id"]) if "when" in r else None,
        sex=Sex(r["sex"]) if "sex" in r else None, required=tuple(parts[name] for name in r["required"]),
        measured=tuple(parts[name] for name in r.get("measured", ()))) for r in content["examinations"])
