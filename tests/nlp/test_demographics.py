"""Age and sex of the patient, and of nobody else."""

import pytest

from tests.nlp.reading import read


def ages(text: str, section: str = "INDICATION") -> list[str]:
    return [f"{a.age.value}{'+' if a.age.at_least else ''} {a.age.unit.value}"
            for a in read(f"{section}: {text}").ages]


def sexes(text: str, section: str = "FINDINGS") -> set[str]:
    return {s.sex.value for s in read(f"{section}: {text}").sexes}


@pytest.mark.parametrize(("text", "expected"), [
    ("54-year-old woman with cough.", "54 a"), ("54 year old with pain.", "54 a"), ("54 yo male.", "54 a"),
    ("54 y/o F with cough.", "54 a"), ("54F with cough.", "54 a"), ("54-year female.", "54 a"),
    ("The patient is 54 years of age.", "54 a"), ("Age: 54.", "54 a"), ("Female, 35 years.", "35 a"),
    ("Patient aged 54.", "54 a"),
    ("6-month-old boy with fever.", "6 mo"), ("3 day old infant.", "3 d"), ("95-year-old man.", "90+ a"),
    ("A 72-year-old right-handed woman.", "72 a"), ("3-week-old newborn.", "3 wk")])
def test_age_of_the_patient(text: str, expected: str) -> None:
    """The age of the patient in the notations of reports; one over 89 came as 90 and more."""
    assert ages(text) == [expected]


@pytest.mark.parametrize("text", [
    "Mother had breast cancer at 45 years old.", "Diagnosed at age 12.", "Bone age 10 years.", "A 2-year-old fracture.",
    "Women over the age of 50.", "Women aged 40 to 74.", "Gestational age 32 weeks.", "6 month old stent graft.",
    "Stable for 5 years.", "Smoker for 20 years.", "Kidney from a 25-year-old donor.", "Family history at age 50.",
    "Arterial age 65.", "Ultrasound 3 weeks ago.", "Compared with 2 year old film."])
def test_other_ages_are_none(text: str) -> None:
    """Ages of relatives, things, rules and other times are not the patient's age."""
    assert ages(text) == []


@pytest.mark.parametrize(("text", "expected"), [
    ("The prostate is enlarged.", "male"), ("The uterus is normal.", "female"), ("She has pain.", "female"),
    ("Status post hysterectomy.", "female"), ("54-year-old man.", "male"), ("Both testes are normal.", "male"),
    ("Uterus with a gravid appearance and a fetus.", "female"), ("Last menstrual period 2 weeks ago.", "female")])
def test_words_of_a_sex(text: str, expected: str) -> None:
    """Nouns, pronouns, organs, conditions and procedures imply a sex."""
    assert sexes(text) == {expected}


@pytest.mark.parametrize("text", [
    "MR of the brain.", "Uterus/prostate: unremarkable.", "Fetal gender: male.", "HER-2 positive carcinoma.",
    "Block of the bundle of His.", "Ocular adnexa are normal.", "Mother had ovarian cancer.", "Not pregnant.",
    "Pregnancy: N/A.", "Kidney from a female donor.", "The physician said that she would call.", "Man-made material.",
    "Discussed with the nurse, who said he would tell."])
def test_other_words_imply_no_sex(text: str) -> None:
    """Templates, fetuses, relatives, clinicians and look-alikes say nothing of the patient's sex."""
    assert sexes(text) == set()


def test_letter_behind_an_age() -> None:
    """A letter behind the age at the head of an indication is the patient's sex."""
    assert sexes("54F with cough.", "INDICATION") == {"female"}
    assert sexes("54 y/o M, s/p fall.", "INDICATION") == {"male"}
