"""What identifies a person in a report, class by class of 45 CFR 164.514(b)(2)(i), and what only looks like it."""

from datetime import date

import pytest

from fhir_adapter import tables as tables_module
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from fhir_adapter.model.report import Identifier, IdentifierKind, IdentifierRole

DEID = tables_module.load().deid


def clean(text, *identifiers, days=70):
    return scrub_text(text, identifiers, days=days, near=date(2024, 6, 15), tables=DEID, surrogates=Surrogates()).text


def named(role, given, family) -> Identifier:
    return Identifier(kind=IdentifierKind.NAME, role=role, value=f"{given} {family}", where="PID-5",
                      parts=(("given", given), ("family", family)))


BILL = named(IdentifierRole.PATIENT, "William", "Zzyzxova")
STONE = named(IdentifierRole.CLINICIAN, "Margaret", "Stone")
NAMES = [
    "Findings discussed with Dr. Fnord-Hale by phone.", "Results called to RN Wugwug Blorpton at 0915 hours.",
    "Signed by: Fnord N. Blorpton, MD", "Tech: B. Wugwug", "Referring Physician: BLORPTON, FNORD M",
    "Her husband (Wugwug) was told.", "Seen by PA-C Blorpton in the ED.", "Signed by FNORD^WUGWUG^R",
    "Name of caller: Fnord Wugwug", "Wugwug is a 3-year-old boy with wheezing.", "Baby Girl Blorpton, 2 days old.",
    "Thank you,\nFnord Blorpton", "RE: Fnord Wugwug", "Interpreting physician - Fnord Wugwug",
    "Read to Dr. van der Blorpton-Fnord.", "Reviewed with Dr. B.B. Blorpton.", "Called to the floor nurse Fnord.",
    "Told Sgt. Fnord of it.", "Neonate of Wugwugo Fnordsson, weight 2410 g.", "This 3 year old, Blorptono Wugwugson.",
    "________\nFnord Wugwug MD\nDiagnostic Radiology", "TO: Blorpton Fnord, MD\nFROM: Radiology",
    "Dr. Bl\u043erpt\u043en saw the films.", "Dr. \uff22lorpton saw the films.", "Dr. Blor\u200bpton saw the films.",
]


@pytest.mark.parametrize("text", NAMES)
def test_a_name_beside_a_cue_is_hidden(text):
    """Titles, degrees, roles, labels, relatives, signatures, faxes: the name after or before them goes."""
    safe = clean(text).lower()
    assert [word for word in ("blorpton", "fnord", "wugwug", "hale", "bl\u043erpt\u043en", "lorpton", "blor")
            if word in safe.replace("\u200b", "")] == []


@pytest.mark.parametrize(("text", "safe"), [
    ("Bill Zzyzxova", "[PATIENT]"), ("goes by Billy", "goes by [PATIENT]"), ("Peggy Stone", "[CLINICIAN-1]"),
    ("Zzyz-\nxova", "[PATIENT]"), ("Z Z Y Z X O V A", "[PATIENT]"), ("zzyzxova_w.dcm", "[PATIENT]_w.dcm"),
    ("Zzyzx\u043ev\u0430", "[PATIENT]"), ("Stone's report", "[CLINICIAN-1]'s report"),
    ("a renal stone", "a renal stone"), ("Will follow.", "Will follow.")])
def test_a_known_person_is_found_in_disguise(text, safe):
    """Short forms, broken lines, single letters, file names, look-alikes; never an ordinary word alone."""
    assert clean(f"Films of {text} were read.", BILL, STONE) == f"Films of {safe} were read."


@pytest.mark.parametrize(("text", "safe"), [
    ("CT 12/2019", "CT 02/2020"), ("LMP: 3/14.", "LMP: 5/23."), ("Sep '21", "Nov '21"), ("Dec-2020", "Feb-2021"),
    ("1/5-1/9/22", "3/15-3/20/22"), ("Mon 6/3", "Mon 8/12"),
    ("5/6 0330h", "7/15 0330h"), ("05JAN2024", "15MAR2024"), ("2020-12", "2021-02"),
    ("New Year's Eve 2019", "[DATE] 2019"), ("3rd of March 2020", "12th of May 2020"), ("12.30.21", "03.10.22")])
def test_dates_in_further_layouts_move(text, safe):
    """Partial, joined, ranged and named dates; intervals stay."""
    assert clean(text) == safe


@pytest.mark.parametrize(("text", "safe"), [
    ("seen on Monday, 03/04/2024.", "seen on [DATE], 2024."), ("on March 3rd", "on [DATE]"), ("in May 2024", "in 2024"),
    ("05JAN2024", "2024"), ("LMP: 3/14.", "LMP: [DATE]."), ("in 2019", "in 2019")])
def test_only_the_year_stays_where_no_day_may(text, safe):
    """With Safe Harbor a date is its year, or a tag where it names none; weekdays go."""
    assert clean(text, days=None) == safe


@pytest.mark.parametrize(("text", "safe"), [
    ("A ninety-three year old woman", "A 90+ year old woman"), ("97yo F", "90+yo F"),
    ("92F with pain", "90+F with pain"),
    ("aged ninety-five", "aged 90+"), ("one hundred and two year-old", "90+ year-old"), ("age of 95", "age of 90+"),
    ("a nonagenarian", "a 90+-year-old"), ("in her 90s", "in her 90+"), ("DOB 1931", "DOB [DATE]"),
    ("born on June 3, 1929", "born on [DATE]"), ("DOB 1952", "DOB 1952"), ("67-year-old", "67-year-old")])
def test_ages_over_89_and_births_that_tell_one_are_hidden(text, safe):
    """In figures, in words, as a decade, as a noun and as a year of birth; younger ages stay."""
    assert clean(text) == safe


@pytest.mark.parametrize("value", [
    "MRN 00-482-991", "MR# Q1029384", "Acc #: RAD-22-0091827", "Medical Record #: 7 781 992", "SSN 078 05 1120",
    "SSN ending in 1120", "Medicare ID: 1EG4-TE5-MK73", "Policy no. QQX 998-221-04", "NPI 1487654321", "FIN: 400918273",
    "Driver's license K123-4567-8901", "Pacemaker serial number PJN338812H", "S/N: 4417-GTX-09", "Device SN XK2210",
    "UDI (01)00643169007222(21)PZA112233", "Lot 22B0419", "VIN 1HGCM82633A004352", "License plate 7KXR221",
    "asset tag 55-1029", "ID 8812-AA-19", "PatientID=QX12873", "Pager 4471", "pgr 23-5591", "ext. 5-2210", "x77123",
    "617.555.0142", "Tel +44 20 7946 0958", "FAX: (312)5550147", "page 0417", "zz@zyx.example", "zz.o'zy@zyx.example",
    "zz at zyx dot org", "zz@zyx", "https://zz.local:8443/view?acc=1234", "mychart.zzyzx.org/report/8812", "10.24.8.17",
    "fe80::1ff:fe23:4567:890a", "00:1A:2B:3C:4D:5E", "user zz_quillon", "PO Box 1187", "Room 4-112B", "ZIP 60614",
    "1.2.840.113619.2.55.3.604688119.971", "4412 Quillon Hollow Rd, Apt 3B", "Quillon County"])
def test_numbers_contacts_and_addresses_are_hidden(value):
    """No group of two digits of an identifier, no part of an address on the net or in the world is left."""
    import re

    safe = clean(f"Note: {value} was given.")
    parts = set(re.findall(r"[A-Za-z]*\d[\w]+|zz[\w']*|zyx|[Qq]uillon", value))
    assert sorted(part for part in parts if part in safe) == []


@pytest.mark.parametrize("text", [
    "Salter-Harris II fracture, Hill-Sachs lesion, Kerley B lines, Swan-Ganz catheter, Port-A-Cath, Jackson-Pratt.",
    "DLP 412.5 mGy-cm, kVp 120, TR/TE 4000/102, series 4/112, images 4/112-4/118, SUVmax 12.4, 91 HU, 95% stenosis.",
    "Insall-Salvati ratio 1.2, Cobb angle 23, Pellegrini-Stieda lesion, Hoffa fat pad, Segond fracture.",
    "T12/L1, 6/7 ribs, 3/5 strength, 12/14 nodes, Gleason 3+4=7, Bosniak IIF, Deauville 3, Fleischner 2017.",
    "Dr. notified. RN aware. PA and lateral views. RT femur. DO NOT use. Will follow. May represent scarring.",
    "Mother with breast cancer. Brother with Crohn disease. To: assess. Contact: Precautions. Called at 0730 hours.",
    "Page 2 of 3. Room air. Lot of debris. Device in place. 3 lead pacemaker. Pneumonia is a 4 cm opacity."])
def test_what_only_looks_identifying_stays(text):
    """Eponyms, doses, ratios, series, scores, roles and ordinary words in the places of names are not touched."""
    assert clean(text) == text


@pytest.mark.parametrize(("text", "safe"), [
    ("Seen last week at the clinic.", "Seen [DATE] at the clinic."),
    ("Compared with last week, stable.", "Compared with last week, stable."),
    ("A 60-year-old Asian male.", "A 60-year-old Asian male."),
    ("An 8-year-old Blorptono with fever.", "An 8-year-old [PATIENT] with fever."),
    ("cc: Wugwug Fnord; Zorb Blorpton; file", "cc: [CLINICIAN-1]; [CLINICIAN-2]; file"),
    ("The Mallory-Weiss tear and Swyer-James lung.", "The Mallory-Weiss tear and Swyer-James lung.")])
def test_what_stands_around_decides(text, safe):
    """The same words are hidden or stay by what stands around them."""
    assert clean(text) == safe
