"""Messages back in their own format: ER7 and DICOM headers. Run: tox -e bench."""

import pytest

from fhir_adapter import pipeline
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from tests.bench import baseline
from tests.deid.formats.test_dicom import header, written


def test_scrub_er7(benchmark, settings, tables):
    payload = baseline.sample()
    benchmark(lambda: pipeline.scrub(payload, settings=settings, tables=tables))


def test_scrub_text(benchmark, tables):
    """A report of 2 kB with a signature, a call and dates, whose people the message does not name."""
    sentence = ("The lungs are clear. A 4 mm nodule in the right upper lobe, series 4 image 112, is unchanged since "
                "03/14/2023. No pleural effusion or pneumothorax. ")
    text = (f"{sentence * 11}Discussed with Dr. Fnord at 14:30 on 3/16/2024.\n"
            "Electronically signed by: Wugwug Snorgle, MD")
    benchmark(lambda: scrub_text(text, (), days=70, near=None, tables=tables.deid, surrogates=Surrogates()))


def test_scrub_dicom_header(benchmark, settings, tables):
    payload = written(header())
    benchmark(lambda: pipeline.scrub(payload, settings=settings, tables=tables))


@pytest.mark.parametrize("name", ["ms_I290.dcm"])
def test_scrub_other_peoples_header(benchmark, shared_data, settings, tables, name):
    payload = (shared_data / "deid" / name).read_bytes()
    benchmark(lambda: pipeline.scrub(payload, settings=settings, tables=tables))
