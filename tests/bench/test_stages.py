"""One report, one process, warm: each stage, the whole, and the baseline. Run: tox -e bench."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from fhir_adapter import deid, emitters, insights, pipeline, readers
from fhir_adapter import settings as settings_module
from fhir_adapter import tables as tables_module
from fhir_adapter.nlp.engine import load_engine
from tests.bench import baseline


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    settings = settings_module.load(data_dir=tmp_path_factory.mktemp("data"), key="5a" * 32)
    tables = tables_module.load()
    return settings, tables, load_engine(settings, tables.language)


@pytest.fixture(scope="module")
def stages(ours):
    """The result of each stage on the sample, so that the next one can be timed alone."""
    settings, tables, engine = ours
    payload = baseline.sample()
    (report,) = readers.choose(payload).read(payload, settings=settings, tables=tables)
    safe = deid.scrub(report, settings=settings, tables=tables)
    reading = engine.read(safe)
    found = insights.run(reading, tables=tables)
    return payload, report, safe, reading, found


def test_read(benchmark, ours, stages):
    settings, tables, _ = ours
    benchmark(lambda: readers.choose(stages[0]).read(stages[0], settings=settings, tables=tables))


def test_deidentify(benchmark, ours, stages):
    settings, tables, _ = ours
    benchmark(lambda: deid.scrub(stages[1], settings=settings, tables=tables))


def test_understand(benchmark, ours, stages):
    benchmark(lambda: ours[2].read(stages[2]))


def test_understand_and_judge(benchmark, ours, stages):
    benchmark(lambda: insights.run(ours[2].read(stages[2]), tables=ours[1]))


def test_understand_by_medspacy(benchmark, ours, stages):
    """The same rules in medspaCy, in the same run."""
    pytest.importorskip("medspacy")
    settings, tables, _ = ours
    referee = load_engine(settings.model_copy(update={"engine": "medspacy"}), tables.language)
    benchmark(lambda: referee.read(stages[2]))


@pytest.mark.parametrize("times", [1, 4, 16, 28])
def test_understand_long_texts(benchmark, ours, stages, times):
    """A report of so many times 2,100 characters; the time grows with the text and no faster."""
    text = "\n".join([stages[2].text[:2100]] * times)
    long = replace(stages[2], text=text, paragraphs=(), replacements=())
    benchmark(lambda: ours[2].read(long))


def test_cold_start(benchmark):
    """A new process that imports, loads the language tables and compiles the engine."""
    start = ("from fhir_adapter import settings; from fhir_adapter.nlp.engine import load_engine; "
             "from fhir_adapter.tables import language; from fhir_adapter.tables.locate import locate; "
             "load_engine(settings.load(key='5a' * 32), language.load(locate('mappings', None)))")
    benchmark.pedantic(lambda: subprocess.run([sys.executable, "-c", start], check=True), rounds=5)


def test_judge(benchmark, ours, stages):
    benchmark(lambda: insights.run(stages[3], tables=ours[1]))


@pytest.mark.parametrize("times", [150, 600, 2400])
def test_judge_many_nodules(benchmark, ours, stages, times):
    """A CT report of so many nodules of different sizes; the time grows with their number and no faster."""
    nodules = (f"A {number % 397 + 3} mm solid nodule in the {('right', 'left')[number % 2]} upper lobe."
               for number in range(times))
    report = replace(stages[2], text=f"FINDINGS: {' '.join(nodules)}", paragraphs=(), replacements=())
    reading = ours[2].read(report)
    benchmark(lambda: insights.run(reading, tables=ours[1]))


def test_emit(benchmark, ours, stages):
    benchmark(lambda: emitters.bundle(stages[2], stages[4], tables=ours[1], engine=ours[2].name))


def test_whole(benchmark, ours, stages):
    settings, tables, engine = ours

    def run() -> str:
        (outcome,) = pipeline.convert(stages[0], settings=settings, tables=tables, engine=engine)
        return json.dumps(outcome.resources.bundle)

    benchmark(run)


def test_baseline(benchmark):
    nlp = baseline.load()
    payload = baseline.sample()
    benchmark(lambda: baseline.convert(payload, nlp))
