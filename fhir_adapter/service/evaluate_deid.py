"""De-identification against annotated texts: what was found, what was missed, what was taken for nothing."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole
from fhir_adapter.tables.deidentification import DeidTables

_DAYS = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class DeidScore:
    """Counts over a gold set. `classes` maps a type to (mentions, whole, touched); misses carry their surroundings."""

    texts: int
    classes: dict[str, tuple[int, int, int]]
    tokens: int
    tokens_over: int
    kept: int
    violations: tuple[tuple[str, str], ...]
    misses: tuple[tuple[str, str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values with the shares."""
        return {"texts": self.texts,
                "classes": {kind: {"mentions": n, "whole": round(whole / n, 4), "touched": round(touched / n, 4)}
                            for kind, (n, whole, touched) in sorted(self.classes.items())},
                "over_redaction": {"tokens": self.tokens, "touched": self.tokens_over,
                                   "share": round(self.tokens_over / self.tokens, 6) if self.tokens else 0.0},
                "must_keep": {"phrases": self.kept, "violations": [list(v) for v in self.violations]},
                "misses": [list(miss) for miss in self.misses]}


def evaluate(lines: Iterable[str], tables: DeidTables) -> DeidScore:
    """Score the lines of a gold file: id, text, context, phi (start, end, type), must_keep."""
    counts: Counter[tuple[str, str]] = Counter()
    texts = tokens = over = kept = 0
    violations: list[tuple[str, str]] = []
    misses: list[tuple[str, str, str]] = []
    for line in lines:
        if not line.strip():
            continue
        item = json.loads(line)
        text, texts = item["text"], texts + 1
        done = scrub_text(text, identifiers_of(item.get("context") or {}), days=_DAYS, near=date(2024, 6, 15),
                          tables=tables, surrogates=Surrogates())
        hidden = {n for e in done.offsets.edits for n in range(e.before.start, e.before.end)}
        private: set[int] = set()
        for phi in item.get("phi", ()):
            start, end, kind = phi["start"], phi["end"], phi["type"]
            private.update(range(start, end))
            place = [n for n in range(start, end) if text[n].isalnum()]
            left = [n for n in place if n not in hidden]
            counts[kind, "all"] += 1
            counts[kind, "whole"] += not left
            counts[kind, "touched"] += len(left) < len(place)
            if left:
                misses.append((str(item["id"]), kind, text[max(0, start - 40) : end + 40]))
        for match in re.finditer(r"\w+", text):
            if private.isdisjoint(range(*match.span())):
                tokens += 1
                over += not hidden.isdisjoint(range(*match.span()))
        for phrase in item.get("must_keep", ()):
            kept += 1
            if done.text.count(phrase) < text.count(phrase):
                violations.append((str(item["id"]), phrase))
    kinds = {kind for kind, _ in counts}
    return DeidScore(texts=texts, tokens=tokens, tokens_over=over, kept=kept, violations=tuple(violations),
                     misses=tuple(misses),
                     classes={k: (counts[k, "all"], counts[k, "whole"], counts[k, "touched"]) for k in kinds})


def identifiers_of(context: dict[str, Any]) -> tuple[Identifier, ...]:
    """The identifiers that a gold line's `context` names, as a message would."""
    kinds = (("patient_name", IdentifierKind.NAME, IdentifierRole.PATIENT), ("mrn", IdentifierKind.ID,
             IdentifierRole.PATIENT), ("accession", IdentifierKind.ACCESSION, IdentifierRole.REQUEST),
             ("facility", IdentifierKind.FACILITY, IdentifierRole.ORGANISATION))
    found = [Identifier(kind=kind, role=role, value=str(context[name]), where=name)
             for name, kind, role in kinds if context.get(name)]
    found += [Identifier(kind=IdentifierKind.NAME, role=IdentifierRole.CLINICIAN, value=str(name), where="clinicians")
              for name in context.get("clinicians") or ()]
    return tuple(found)
