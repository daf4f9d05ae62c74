"""Original and enhanced mode by chapter 2.9."""

import pytest

from fhir_adapter.wire.er7 import parse
from fhir_adapter.wire.modes import Owed, is_acknowledgement, owed


def header(accept: str, application: str) -> str:
    return f"MSH|^~\\&|RIS|X|||||ORU^R01|1|P|2.5|||{accept}|{application}"


@pytest.mark.parametrize(("accept", "application", "wanted"), [
    # MSH-15, MSH-16 -> accept when well, accept in trouble, application when well, application in trouble
    ("", "", (False, False, True, True)),
    ("NE", "NE", (False, False, False, False)),
    ("AL", "NE", (True, True, False, False)),
    ("SU", "NE", (True, False, False, False)),
    ("ER", "NE", (False, True, False, False)),
    ("NE", "AL", (False, False, True, True)),
    ("", "AL", (False, False, True, True)),
    ("AL", "", (True, True, False, False)),
    ("AL", "AL", (True, True, True, True)),
    ("AL", "ER", (True, True, False, True)),
    ("al", "su", (True, True, True, False)),
])
def test_each_pair_of_codes_asks_for_its_answers(accept, application, wanted):
    """Table 0155 decides, apart for the accept and the application acknowledgement."""
    asked = owed(parse(header(accept, application)))
    assert (asked.accepts(well=True), asked.accepts(well=False), asked.applies(well=True),
            asked.applies(well=False)) == wanted


def test_neither_code_is_original_mode():
    """Empty MSH-15 and MSH-16 are original mode, any code is enhanced mode."""
    assert (Owed().original, Owed(application="NE").original) == (True, False)


@pytest.mark.parametrize(("kind", "answer"), [("ACK", True), ("ACK^R01^ACK", True), ("ORU^R01", False)])
def test_an_acknowledgement_is_known(kind, answer):
    """What answers a message is known by MSH-9, or by its MSA where MSH-9 is empty."""
    assert is_acknowledgement(parse(f"MSH|^~\\&|A|B|||||{kind}|1|P|2.5")) is answer
