"""The last look, without the recognisers: what is left of an identifier or a date stops the message."""

from datetime import date

import pytest

from fhir_adapter import pipeline
from fhir_adapter.deid import residue
from fhir_adapter.deid.formats import er7, scrub_message
from fhir_adapter.errors import EngineError
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole, Origin, Patient, Report
from tests.deid.formats.test_er7 import HEAD, OBR, PID, REPORT


def one(kind, value, *parts) -> Identifier:
    return Identifier(kind=IdentifierKind(kind), role=IdentifierRole.PATIENT, value=value, where="PID", parts=parts)


NAME = one("name", "Bo Zzyzxova", ("given", "Bo"), ("family", "Zzyzxova"))
SHORT = one("name", "Bo Zyx", ("given", "Bo"), ("family", "Zyx"))


@pytest.mark.parametrize(("identifier", "text"), [
    (NAME, "seen by ZZYZXOVA today"), (NAME, "Zzyz-\nxova"), (NAME, "Zzyz\u200bxova"), (SHORT, "Zyx, Bo"),
    (one("id", "QQ-900817"), "number qq900817."), (one("accession", "ZZ 77 121"), "ZZ77-121"),
    (one("phone", "555-123-4567"), "call (555) 123 4567"), (one("email", "zz@zyx.example"), "to ZZ@zyx.example,"),
    (one("address", "1 Zzyzx Way"), "at 1 Zzyzx Way."), (one("facility", "Zzyzx Memorial"), "ZZYZX MEMORIAL"),
    (one("uid", "1.2.3.4.5.6"), "urn:oid:1.2.3.4.5.6"), (one("url", "https://zz.example/a"), "https://zz.example/a")])
def test_an_identifier_that_is_left_stops_the_message(identifier, text, tables):
    """A name, number, address, place or UID of the message is found in any case and with any separators."""
    with pytest.raises(EngineError, match="OUT-520"):
        residue.check((text,), (identifier,), tables.deid)


@pytest.mark.parametrize(("identifier", "text"), [
    (NAME, "the bow of [PATIENT]"), (SHORT, "zyx"), (one("id", "1234"), "1234"), (one("id", "555123"), "5551239"),
    (one("address", "71046"), "71046"), (one("facility", "General Hospital"), "a general hospital"),
    (one("name", "Long White", ("given", "Long"), ("family", "White")), "long segment of white matter")])
def test_what_tells_nobody_does_not_stop_it(identifier, text, tables):
    """Tags, short words, parts of longer numbers, codes and ordinary words do not stop a message."""
    residue.check((text,), (identifier,), tables.deid)


CATEGORY = one("name", "Wombat Actionable Finding", ("given", "Wombat"), ("family", "Actionable Finding"))


def test_words_that_resources_speak_in_do_not_stop_them(tables):
    """A code where a name belongs, as some senders put it, is no name in "actionable finding"."""
    vocabulary = tables.deid.descriptor_words
    residue.check(("Category 2 urgent actionable finding",), (CATEGORY,), tables.deid, vocabulary=vocabulary)
    with pytest.raises(EngineError, match="OUT-520"):
        residue.check(("a wombat",), (CATEGORY,), tables.deid, vocabulary=vocabulary)


@pytest.mark.parametrize("text", ["Zyx Stone", "stone, zyx"])
def test_such_a_word_beside_another_of_the_name_stops_them(text, tables):
    """A name of one word that is ordinary and one that is not is found where both stand together."""
    known = one("name", "Zyx Stone", ("given", "Zyx"), ("family", "Stone"))
    with pytest.raises(EngineError, match="OUT-520"):
        residue.check((text,), (known,), tables.deid, vocabulary=tables.deid.descriptor_words)


@pytest.mark.parametrize("text", ["20260102", "202601020304", "2026-01-02T03:04:05Z", "1/2/2026", "01-02-2026",
                                  "Jan 2nd, 2026", "January 2 2026", "2 January 2026", "02-JAN-2026"])
def test_an_original_date_is_found_in_any_layout(text, tables):
    """A date of the message that still stands in the output stops it."""
    leaks = residue.leaks_of(("seen 2026-01-02",), (), (7,))
    with pytest.raises(EngineError, match="OUT-520"):
        residue.check((text,), (), tables.deid, leaks)


def test_a_date_that_another_one_was_moved_onto_is_no_leak():
    """Seven days on, the second of January stands for the one a week before: it is not looked for."""
    assert residue.leaks_of(("2025-12-26 and 01/02/2026",), (date(1950, 3, 14), None), (7,)) == {
        date(2025, 12, 26), date(1950, 3, 14)}


def test_a_date_that_was_not_moved_stops_a_real_message(settings, tables, monkeypatch):
    """If the dates of fields stayed as they were, nothing is given back."""
    monkeypatch.setattr(er7, "moved", lambda value, days: value)
    message = HEAD.format(version="2.5") + PID + OBR + REPORT
    with pytest.raises(EngineError, match="OUT-520 dates"):
        pipeline.scrub(message.encode(), settings=settings, tables=tables)


@pytest.mark.parametrize("kind", ["hl7v2", "fhir", "dicom", "text", "plain"])
def test_a_name_that_is_left_stops_every_format(kind, settings, tables, monkeypatch):
    """Whatever the format, what would be given back is searched, and a name of the message in it is OUT-520."""
    named = Report(text="", origin=Origin(format=kind, identity="zz"), patient=Patient(key="ZZ900817"),
                   identifiers=(NAME,))
    monkeypatch.setattr("fhir_adapter.deid.formats._scrubbed", lambda *_: (b"", "", f"Told to {NAME.value} today."))
    with pytest.raises(EngineError, match="OUT-520"):
        scrub_message("", reports=(named,), settings=settings, tables=tables)
