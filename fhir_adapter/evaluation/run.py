"""Let an engine read annotated reports, in this process or in several."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from fhir_adapter import pipeline
from fhir_adapter.errors import EngineError, MessageError
from fhir_adapter.evaluation.annotated import Annotated
from fhir_adapter.evaluation.scoring import Scored, score
from fhir_adapter.service.adapter import Adapter, adapter
from fhir_adapter.settings import Settings

_loaded: Adapter | None = None


def run(reports: Sequence[Annotated], settings: Settings, *, jobs: int = 1,
        seen: Callable[[Iterable[Scored]], Iterable[Scored]] = iter) -> tuple[str, tuple[Scored, ...]]:
    """The engine's name and every report's score, in the order of the reports; `seen` may watch them come.

    With `jobs` above 1, that many processes read; the figures are the same.
    """
    loaded = adapter(settings)
    if jobs == 1 or len(reports) < 2:
        return loaded.engine.name, tuple(seen(judge(report, loaded) for report in reports))
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_load,
                             initargs=(settings,)) as pool:
        done: Iterator[Scored] = pool.map(_judge, reports, chunksize=max(1, len(reports) // (jobs * 8)))
        return loaded.engine.name, tuple(seen(done))


def judge(report: Annotated, loaded: Adapter) -> Scored:
    """One report through the waist, and how that was; a report that is refused is a failure with its issue's code."""
    try:
        outcome = pipeline.understand(report.report, settings=loaded.settings, tables=loaded.tables,
                                      engine=loaded.engine)
    except (MessageError, EngineError) as error:
        return score(report, None, failure=error.issues[0].code)
    return score(report, outcome)


def _load(settings: Settings) -> None:
    global _loaded  # noqa: PLW0603 - one installation a process
    _loaded = adapter(settings)


def _judge(report: Annotated) -> Scored:
    if _loaded is None:
        raise RuntimeError("the process has not loaded its installation")
    return judge(report, _loaded)
