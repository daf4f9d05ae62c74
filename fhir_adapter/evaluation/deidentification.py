"""De-identification against annotated texts: what was hidden, what was left, what was hidden for nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from fhir_adapter.evaluation.annotated import Record
from fhir_adapter.evaluation.figures import ratio, wilson
from fhir_adapter.evaluation.telling import Table, Words, interval, share
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole
from fhir_adapter.model.span import Span
from fhir_adapter.tables.deidentification import DeidTables

FORM = "fhir-adapter-evaluation-deid/1"
_DAYS = 70
_NEAR = date(2024, 6, 15)
_AROUND = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A mention of which characters are left, or a phrase or token that was touched for nothing; words of the text."""

    text: str
    type: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class DeidScore:
    """Counts over a gold set. `classes` maps a type to (mentions, hidden whole, touched at all)."""

    texts: int
    classes: dict[str, tuple[int, int, int]]
    tokens: int
    tokens_over: int
    kept: int
    violations: tuple[Left, ...]
    misses: tuple[Left, ...]
    over: tuple[Left, ...]

    @property
    def total(self) -> tuple[int, int, int]:
        """All classes together."""
        mentions, whole, touched = (sum(column) for column in zip((0, 0, 0), *self.classes.values(), strict=True))
        return mentions, whole, touched

    def as_json(self, *, with_errors: bool = True) -> dict[str, Any]:
        """Plain values with the shares; words of the texts only `with_errors`."""
        out: dict[str, Any] = {
            "format": FORM, "texts": self.texts,
            "classes": {kind: _shares(numbers) for kind, numbers in sorted(self.classes.items())},
            "all": _shares(self.total),
            "over_redaction": {"tokens": self.tokens, "touched": self.tokens_over,
                               "share": round(ratio(self.tokens_over, self.tokens) or 0.0, 6)},
            "must_keep": {"phrases": self.kept, "violated": len(self.violations)}}
        if with_errors:
            out["must_keep"]["violations"] = [[v.text, v.words.words] for v in self.violations]
            out["misses"] = [_told(miss) for miss in self.misses]
            out["over_redaction"]["words"] = [_told(word) for word in self.over]
        return out


def _shares(numbers: tuple[int, int, int]) -> dict[str, float | int | None]:
    mentions, whole, touched = numbers
    return {"mentions": mentions, "hidden_whole": whole, "hidden_touched": touched,
            "whole": round(whole / mentions, 4) if mentions else None,
            "touched": round(touched / mentions, 4) if mentions else None}


def _told(one: Left) -> dict[str, str]:
    return {"id": one.text, "type": one.type, "before": one.words.before, "words": one.words.words,
            "after": one.words.after}


def evaluate(records: Iterable[Record], tables: DeidTables) -> DeidScore:
    """Scrub each text with the people that its context names, and look what is left of its `phi`.

    A mention is hidden whole where each of its letters and digits was replaced, touched where one was. A token (letters
    and digits without a break) outside all `phi` that was touched is hidden for nothing.
    """
    counts: Counter[tuple[str, str]] = Counter()
    texts = tokens = kept = 0
    violations: list[Left] = []
    misses: list[Left] = []
    over: list[Left] = []
    for item in records:
        text, name, texts = item["text"], str(item["id"]), texts + 1
        done = scrub_text(text, identifiers_of(item.get("context") or {}), days=_DAYS, near=_NEAR, tables=tables,
                          surrogates=Surrogates())
        hidden = {n for e in done.offsets.edits for n in range(e.before.start, e.before.end)}
        private: set[int] = set()
        for phi in item["phi"]:
            start, end, kind = phi["start"], phi["end"], phi["type"]
            private.update(range(start, end))
            place = [n for n in range(start, end) if text[n].isalnum()]
            left = [n for n in place if n not in hidden]
            counts[kind, "all"] += 1
            counts[kind, "whole"] += not left
            counts[kind, "touched"] += len(left) < len(place) or not place
            if left:
                misses.append(Left(text=name, type=kind, words=_words(text, Span(start, end))))
        for match in re.finditer(r"\w+", text):
            if private.isdisjoint(range(*match.span())):
                tokens += 1
                if not hidden.isdisjoint(range(*match.span())):
                    over.append(Left(text=name, type="token", words=_words(text, Span(*match.span()))))
        for phrase in item.get("must_keep") or ():
            kept += 1
            if done.text.count(phrase) < text.count(phrase):
                violations.append(Left(text=name, type="must_keep", words=Words(before="", words=phrase, after="")))
    kinds = {kind for kind, _ in counts}
    return DeidScore(texts=texts, tokens=tokens, tokens_over=len(over), kept=kept, violations=tuple(violations),
                     misses=tuple(misses), over=tuple(over),
                     classes={k: (counts[k, "all"], counts[k, "whole"], counts[k, "touched"]) for k in kinds})


def _words(text: str, span: Span) -> Words:
    return Words(before=text[max(0, span.start - _AROUND) : span.start], words=span.of(text),
                 after=text[span.end : span.end + _AROUND])


def identifiers_of(context: Record) -> tuple[Identifier, ...]:
    """The identifiers that a gold line's `context` names, as a message would."""
    kinds = (("patient_name", IdentifierKind.NAME, IdentifierRole.PATIENT), ("mrn", IdentifierKind.ID,
             IdentifierRole.PATIENT), ("accession", IdentifierKind.ACCESSION, IdentifierRole.REQUEST),
             ("facility", IdentifierKind.FACILITY, IdentifierRole.ORGANISATION))
    found = [Identifier(kind=kind, role=role, value=str(context[name]), where=name)
             for name, kind, role in kinds if context.get(name)]
    found += [Identifier(kind=IdentifierKind.NAME, role=IdentifierRole.CLINICIAN, value=str(name), where="clinicians")
              for name in context.get("clinicians") or ()]
    return tuple(found)


def tables_of(score: DeidScore, *, with_errors: bool = False) -> Iterator[Table]:
    """A score as tables, those of words only `with_errors`."""
    classes = [*sorted(score.classes.items()), ("all", score.total)]
    yield Table(
        title="Recall", note="Whole: each letter and digit was replaced. Touched: one of them was. 95 % intervals by "
        "Wilson.", columns=("class", "mentions", "whole", "recall whole", "95 %", "touched", "recall touched", "95 %"),
        rows=tuple((kind, str(n), str(whole), share(ratio(whole, n)), interval(wilson(whole, n)), str(touched),
                    share(ratio(touched, n)), interval(wilson(touched, n))) for kind, (n, whole, touched) in classes))
    yield Table(
        title="Hidden for nothing", note="Tokens outside all annotations, and phrases that must be kept.",
        columns=("what", "all", "touched", "share"),
        rows=(("tokens", str(score.tokens), str(score.tokens_over), share(ratio(score.tokens_over, score.tokens))),
              ("phrases to keep", str(score.kept), str(len(score.violations)),
               share(ratio(len(score.violations), score.kept)))))
    if with_errors:
        note = "Words of the texts: keep this page as you keep the texts."
        yield from (table for table in (_left("Left", note, score.misses), _left("Tokens hidden for nothing", note,
                    score.over), _left("Phrases not kept", note, score.violations)) if table.rows)


def _left(title: str, note: str, found: Sequence[Left]) -> Table:
    return Table(title=title, note=note, columns=("text", "class", "words"), labels=3,
                 rows=tuple((one.text, one.type, one.words) for one in found))
