"""One report: what the engine said, held against what people found."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fhir_adapter.evaluation.annotated import Annotated
from fhir_adapter.evaluation.confidence import Judged, judged
from fhir_adapter.evaluation.matching import Mark, Matched, one_to_one, shared
from fhir_adapter.evaluation.tasks import TASKS, Task
from fhir_adapter.model.insight import Outcome
from fhir_adapter.model.span import Span

_AROUND = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of one task: things said that were `right` or `wrong`, things wanted that were `found` or `missed`."""

    right: int = 0
    wrong: int = 0
    found: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """One miss or false alarm, with its words and what stands around them. These are words of the report.

    What is missed or false as a whole is not told again for its parts (assertion, side, sizes).
    """

    report: str
    task: str
    is_miss: bool
    words: str
    before: str = ""
    after: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What came of one report: a tally for each task that people annotated; `failure` is the code of one not read."""

    identity: str
    digest: str
    groups: Mapping[str, str]
    tallies: Mapping[str, Tally]
    errors: tuple[Error, ...] = ()
    judged: tuple[Judged, ...] = ()
    failure: str = ""


def score(report: Annotated, outcome: Outcome | None, failure: str = "") -> Scored:
    """Judge an outcome by the annotations; without one (the engine failed) everything wanted was missed."""
    tallies: dict[str, Tally] = {}
    errors: list[Error] = []
    told: set[tuple[str, bool, tuple[Span, ...]]] = set()
    for task in TASKS:
        if task.gold not in report.gold:
            continue
        wanted = tuple(task.wanted(report))
        said = tuple(task.said(report, outcome)) if outcome else ()
        matched = _match(task, wanted, said)
        tallies[task.name] = Tally(right=len(matched.right), wrong=len(matched.wrong), found=len(matched.found),
                                   missed=len(matched.missed))
        for mark, is_miss in [*((wanted[n], True) for n in matched.missed), *((said[n], False) for n in matched.wrong)]:
            if task.is_main or (task.gold, is_miss, mark.spans) not in told:
                errors.append(_error(report, task, mark, is_miss=is_miss))
            if task.is_main:
                told.add((task.gold, is_miss, mark.spans))
    return Scored(identity=report.identity, digest=report.digest, groups=report.groups, tallies=tallies,
                  errors=tuple(errors), judged=judged(report, outcome) if outcome else (), failure=failure)


def _match(task: Task, wanted: tuple[Mark, ...], said: tuple[Mark, ...]) -> Matched:
    if task.anywhere:
        said = tuple(replace(mark, spans=()) for mark in said)
    return shared(wanted, said) if task.shared else one_to_one(wanted, said)


def _error(report: Annotated, task: Task, mark: Mark, *, is_miss: bool) -> Error:
    text, about = report.report.text, "" if mark.key == () else _told(mark.key)
    if not mark.spans:
        return Error(report=report.identity, task=task.name, is_miss=is_miss, words="", about=about)
    span = mark.spans[0]
    return Error(report=report.identity, task=task.name, is_miss=is_miss, words=span.of(text), about=about,
                 before=text[max(0, span.start - _AROUND) : span.start], after=text[span.end : span.end + _AROUND])


def _told(key: object) -> str:
    if isinstance(key, bool):
        return "now" if key else "earlier"
    if isinstance(key, frozenset):
        return ", ".join(sorted(map(_told, key)))
    return " ".join(_told(part) for part in key if part != ()) if isinstance(key, tuple) else str(key)
