"""People, places, numbers and dates of a text are hidden; what the engine needs stays; the way back is exact."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_adapter import tables as tables_module
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole

DEID = tables_module.load().deid
PERSON = Identifier(kind=IdentifierKind.NAME, role=IdentifierRole.PATIENT, value="Quillon Zzyzxova", where="PID-5",
                    parts=(("given", "Quillon"), ("family", "Zzyzxova")))


def clean(text, *identifiers):
    return scrub_text(text, identifiers, days=70, near=date(2024, 6, 15), tables=DEID, surrogates=Surrogates())


@pytest.mark.parametrize(("text", "safe"), [
    ("Patient is Anna S., seen today.", "Patient is [PERSON-1], seen today."),
    ("Her daughter, Megan Fnordson, was told.", "Her daughter, [RELATIVE-1], was told."),
    ("Seen at Blorpton Hospital.", "Seen at [FACILITY]."),
    ("She lives in Chicago, IL.", "She lives in [CITY]."),
    ("MRN: #QX-998877", "MRN: [ID]"),
    ("insurance ID: AB12345", "insurance ID: [ID]"),
    ("Compared with Jan 20th '23.", "Compared with Mar 31st '23."),
    ("A 93-year-old woman.", "A 90+-year-old woman."),
    ("PA Jemima Blorp was called.", "PA [CLINICIAN-1] was called."),
    ("PA Stone was notified at noon.", "PA [CLINICIAN-1] was notified at noon."),  # a word for a name, and told
    ("RN Park at the bedside.", "RN [CLINICIAN-1] at the bedside."),
    ("PA Chest was repeated. RN Manager was informed.", "PA Chest was repeated. RN Manager was informed."),
    ("Discussed with Megan Blorp, PA-C at 1600.", "Discussed with [CLINICIAN-1], PA-C at 1600."),
])
def test_identifying_words_are_replaced(text, safe):
    """A name, place, number, date or high age that only the text names is replaced in its sentence."""
    assert clean(text).text == safe


@pytest.mark.parametrize("text", [
    "Baker cyst and Colles fracture; Schmorl node at L4-L5.",
    "Fleischner Society guidelines; attenuation of 35 HU.",
    "Lung-RADS 4A nodule, 12 x 9 x 4 mm, series 4 image 112.",
    "A 67-year-old man with Crohn disease, Framingham Risk Score 20%.",
    "Tyrer-Cuzick 18%, Gail 5-year risk 1.8%; Alberta stroke program early CT score 9.",
    "Omnipaque 350, 100 mL. Disc disease at C5-C6 and T2 signal.",
])
def test_what_the_engine_needs_stays(text):
    """Eponyms, levels, sizes, scores, series, doses and ages under ninety are not touched."""
    assert clean(text).text == text


@pytest.mark.parametrize("text", [
    "Quillon Zzyzxova", "ZZYZXOVA, QUILLON", "Q. Zzyzxova", "Zzyzxova's", "Zzyzxva", "Zzyxzova",
    "Zzy\u200bzxova", "Zzyzx\u043ev\u0430", "Quillon\nZzyzxova",
])
def test_a_known_person_is_found_in_any_form(text):
    """Order, initial, possessive, one letter off, invisible characters, look-alikes, two lines: nothing is left."""
    assert "zzyz" not in clean(f"Films of {text} were read.", PERSON).text.lower().replace("\u200b", "")


def test_every_replacement_explains_itself():
    """Each replaced stretch names recogniser, rule and reason."""
    done = clean("Anna S. at Blorpton Hospital on 03/04/2024, MRN: 1234567", PERSON)
    assert [bool(r.recogniser and r.rule and r.why) for r in done.replacements] == [True] * 4


PIECES = st.sampled_from(["Quillon Zzyzxova", "03/04/2024", "nodule of 4 mm", "Dr. Fnord", "MRN: 12345678", "\u200b",
                          " ", "at L4-L5", "\n", "Anna S.", "555-123-4567", "no effusion. ", "é"])


@given(st.lists(PIECES, max_size=12))
def test_the_way_back_is_exact(pieces):
    """Outside the edits both texts are equal character for character; each edit leads to its own words and back."""
    text = "".join(pieces)
    done = clean(text, PERSON)
    before = after = 0
    for edit in done.offsets.edits:
        assert text[before : edit.before.start] == done.text[after : edit.after.start]
        assert (done.offsets.to_original(edit.after), done.offsets.to_safe(edit.before)) == (edit.before, edit.after)
        before, after = edit.before.end, edit.after.end
    assert text[before:] == done.text[after:]
