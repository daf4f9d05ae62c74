"""Results that were told to someone."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_adapter.model.reading import Communication, SectionKind, Sentence
from fhir_adapter.model.report import Moment
from fhir_adapter.model.span import Span
from fhir_adapter.nlp import communications, page
from fhir_adapter.tables import Tables

TABLE = Path(__file__).with_name("communications.yaml")
CASES: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
SERVICE = datetime(2024, 6, 10, 7, 30, tzinfo=UTC)


def read(texts: list[str], tables: Tables, section: SectionKind = SectionKind.IMPRESSION, service: Moment = SERVICE
         ) -> tuple[Communication, ...]:
    text, sentences = " ".join(texts), []
    for one in texts:
        start = text.index(one)
        sentences.append(Sentence(span=Span(start, start + len(one)), section=section))
    return communications.find(page.alone(text, sentences, tables.language), tables.language.communications, service)


def told(communication: Communication) -> str:
    at = communication.at.isoformat(timespec="minutes")[:16] if isinstance(communication.at, datetime) else ""
    return f"{communication.recipient_role.value} {'ack' if communication.acknowledged else 'sent'} {at}".strip()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_sentence_tells_these_communications(case: dict[str, Any], tables: Tables) -> None:
    """Each sentence of the table gives who was told, whether it was heard, and when."""
    assert case["told"] == [told(c) for c in read([case["text"]], tables)]


def test_every_verb_reads_its_example(tables: Tables) -> None:
    """The example of each verb of the table is a communication."""
    words = tables.language.communications
    for _, example in (*words.spoken, *words.sent):
        assert len(read([example], tables)) == 1, example


def test_read_back_confirms_the_sentence_before(tables: Tables) -> None:
    """A sentence that only tells of the read-back acknowledges the communication before it, and is none itself."""
    found = read(["Findings were sent to Dr. [CLINICIAN-1].", "Dr. [CLINICIAN-1] acknowledged receipt."], tables)
    assert [told(c) for c in found] == ["doctor ack"]


def test_time_needs_an_offset(tables: Tables) -> None:
    """Where the service date has no time, a communication has a day and a time of day."""
    (found,) = read(["Discussed with Dr. [CLINICIAN-1] at 3 PM."], tables, service=date(2024, 6, 10))
    assert (found.at, found.clock) == (date(2024, 6, 10), time(15))


def test_history_is_no_communication(tables: Tables) -> None:
    """What the indication tells of earlier talk is none."""
    assert read(["Discussed with Dr. [CLINICIAN-1]."], tables, SectionKind.INDICATION) == ()
