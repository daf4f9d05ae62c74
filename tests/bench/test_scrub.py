"""Messages back in their own format: ER7 and DICOM headers. Run: tox -e bench."""

import pytest

from fhir_adapter import pipeline
from tests.bench import baseline
from tests.deid.formats.test_dicom import header, written


def test_scrub_er7(benchmark, settings, tables):
    payload = baseline.sample()
    benchmark(lambda: pipeline.scrub(payload, settings=settings, tables=tables))


def test_scrub_dicom_header(benchmark, settings, tables):
    payload = written(header())
    benchmark(lambda: pipeline.scrub(payload, settings=settings, tables=tables))


@pytest.mark.parametrize("name", ["ms_I290.dcm"])
def test_scrub_other_peoples_header(benchmark, shared_data, settings, tables, name):
    payload = (shared_data / "deid" / name).read_bytes()
    benchmark(lambda: pipeline.scrub(payload, settings=settings, tables=tables))
