"""Letters, dictations, call notes and messages full of people, and texts that only look like it."""

import pytest

from fhir_adapter.evaluation import deidentification
from tests.deid.letters import records


@pytest.fixture(scope="module")
def score(tables):
    return deidentification.evaluate(records(), tables.deid)


def test_people_are_hidden(score):
    """Of all mentions at least 94 of 100 are hidden whole, 96 touched; the figure does not fall unseen."""
    mentions, whole, touched = score.total
    assert (whole / mentions >= 0.94, touched / mentions >= 0.96) == (True, True)


@pytest.mark.parametrize("kind", ["accession", "account", "email", "fax", "ip", "license", "mrn", "ssn", "url"])
def test_every_number_and_address_of_the_net_is_hidden(score, kind):
    """Record numbers, licences, e-mail, web and network addresses are hidden whole."""
    mentions, whole, _ = score.classes[kind]
    assert whole == mentions


def test_words_of_medicine_stay(score):
    """Eponyms, scores, levels, doses and image numbers stay, and hardly any other word is touched."""
    assert (len(score.violations) <= 2, score.tokens_over / score.tokens <= 0.005) == (True, True)


def test_a_role_before_a_name_stays(tables):
    """`PA Jemima Blorp` loses the name and keeps what she is."""
    from tests.deid.test_recall import clean

    assert clean("Discussed with PA Jemima Blorp and NP Wugwug Fnord.") == (
        "Discussed with PA [CLINICIAN-1] and NP [CLINICIAN-2].")
