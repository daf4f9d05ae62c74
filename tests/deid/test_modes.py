"""The three modes: what each leaves, hides and says of itself."""

import json
import re

import pytest

from fhir_adapter import deid, pipeline, readers
from fhir_adapter import settings as settings_module
from fhir_adapter.deid import vault
from fhir_adapter.emitters.context import effective
from fhir_adapter.errors import ConfigurationError
from fhir_adapter.nlp.engine import load_engine
from tests.deid.formats.test_dicom import header, scrubbed
from tests.deid.formats.test_er7 import HEAD, OBR, PID

TEXT = ("OBX|1|TX|RPT^Report||Zzyzx was seen on 01/02/2026 and on March 3rd; compared with May 2024. A 4 mm nodule, "
        "follow-up CT in 6 months.||||||F\r")
MESSAGE = (HEAD.format(version="2.5") + PID + OBR + TEXT).encode()
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [
    {"fullUrl": "urn:uuid:1", "resource": {
        "resourceType": "Patient", "id": "p", "identifier": [{"value": "ZZ900817"}], "name": [{"family": "Zzyzx"}],
        "birthDate": "1950-03-14", "address": [{"postalCode": "03601", "state": "NH"}]}},
    {"resource": {"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "CT"},
                  "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-01-02",
                  "issued": "2026-01-02T03:04:05Z", "conclusion": "No change since 01/02/2025."}}]}


def of(settings, mode, **more):
    return settings_module.load(data_dir=settings.data_dir, key="5a" * 32, mode=mode, **more)


def test_safe_harbor_leaves_the_year_of_a_date(settings, tables):
    """In ER7 and its text nothing of a date stays but the year, and a day without a year becomes a tag."""
    out = pipeline.scrub(MESSAGE, settings=of(settings, "safe-harbor"), tables=tables).decode()
    segments = {line[:3]: line.split("|") for line in out.split("\r")}
    assert (segments["PID"][7], segments["OBR"][7]) == ("1950", "2026")
    assert segments["OBX"][5].startswith("[PATIENT] was seen on 2026 and on [DATE]; compared with 2024. A 4 mm")


def test_safe_harbor_tokens_do_not_come_from_the_person(settings, tables, tmp_path):
    """Another vault gives the same patient another token; the same vault gives the same one."""
    one, two = of(settings, "safe-harbor"), settings_module.load(data_dir=tmp_path / "b", key="5a" * 32,
                                                                 mode="safe-harbor")
    outs = [pipeline.scrub(MESSAGE, settings=s, tables=tables).decode().split("\r")[1].split("|")[3]
            for s in (one, one, two)]
    assert (outs[0] == outs[1], outs[0] == outs[2]) == (True, False)


@pytest.mark.parametrize(("mode", "label"), [("limited", "PSEUDED"), ("safe-harbor", "ANONYED"),
                                             ("trusted", "TRUSTED")])
def test_er7_says_its_mode(mode, label, settings, tables):
    """MSH-8 names the label, the mode and the key."""
    out = pipeline.scrub(MESSAGE, settings=of(settings, mode), tables=tables).decode()
    assert re.fullmatch(rf"{label} {mode} [0-9a-f]{{8}}", out.split("|")[7]) is not None


def test_trusted_keeps_what_the_sender_wrote_in_msh_8(settings, tables):
    """A value of MSH-8 stays in mode trusted, and ZDI says the mode; the modes that hide replace it."""
    fields = MESSAGE.decode().split("|")
    used = "|".join((*fields[:7], "WUGWUG", *fields[8:])).encode()
    kept, hidden = (pipeline.scrub(used, settings=of(settings, mode), tables=tables).decode()
                    for mode in ("trusted", "limited"))
    assert (kept.split("|")[7], kept.strip().split("\r")[-1][:19], "WUGWUG" in hidden) == (
        "WUGWUG", "ZDI|TRUSTED trusted", False)


@pytest.mark.parametrize(("mode", "kind", "code"), [("limited", "security", "PSEUDED"),
                                                    ("safe-harbor", "security", "ANONYED"),
                                                    ("trusted", "tag", "trusted")])
def test_fhir_says_its_mode(mode, kind, code, settings, tables):
    """Every resource of a scrubbed Bundle and of a converted report bears the label of its mode."""
    chosen = of(settings, mode)
    scrubbed_bundle = json.loads(pipeline.scrub(json.dumps(BUNDLE).encode(), settings=chosen, tables=tables))
    engine = load_engine(chosen, tables.language)
    (outcome,) = pipeline.convert(MESSAGE, settings=chosen, tables=tables, engine=engine)
    resources = [e["resource"] for b in (scrubbed_bundle, outcome.resources.bundle) for e in b["entry"]]
    assert {r["meta"][kind][0]["code"] for r in resources} == {code}


@pytest.mark.parametrize(("mode", "removed", "time", "codes"), [
    ("limited", "YES", "MODIFIED", 5), ("safe-harbor", "YES", "REMOVED", 4), ("trusted", "NO", None, 0)])
def test_dicom_says_its_mode(mode, removed, time, codes, settings, tables):
    """(0012,0062), (0012,0063), (0012,0064) and (0028,0303) follow the mode; only limited keeps modified dates."""
    out = scrubbed(header(), of(settings, mode), tables)
    assert (out.PatientIdentityRemoved, out.get("LongitudinalTemporalInformationModified"),
            len(out.get("DeidentificationMethodCodeSequence", ()))) == (removed, time, codes)
    assert mode in str(out.DeidentificationMethod)


def test_safe_harbor_leaves_no_day_in_fhir(settings, tables):
    """Dates are years, instants are left out, and a ZIP code of few people is 000."""
    out = pipeline.scrub(json.dumps(BUNDLE).encode(), settings=of(settings, "safe-harbor"), tables=tables).decode()
    patient, report = (e["resource"] for e in json.loads(out)["entry"][:2])
    assert (patient["birthDate"], patient["address"][0]["postalCode"], report["effectiveDateTime"],
            report["conclusion"], "issued" in report) == ("1950", "000", "2026", "No change since 2025.", False)
    assert re.findall(r"20\d\d-\d\d", out) == []


def test_safe_harbor_leaves_no_day_in_dicom(settings, tables):
    """A study date is a year (the first of January, since DICOM knows no year alone), or gone."""
    out = scrubbed(header(), of(settings, "safe-harbor"), tables)
    assert out.StudyDate in ("", None)


def test_no_day_of_a_converted_report_leaves_in_safe_harbor(settings, tables):
    """The resources of a report hold the year of the examination and no other part of a date."""
    chosen = of(settings, "safe-harbor")
    (outcome,) = pipeline.convert(MESSAGE, settings=chosen, tables=tables, engine=load_engine(chosen, tables.language))
    said = json.dumps(outcome.resources.bundle)
    assert (re.findall(r"\d{4}-\d\d-\d\d", said), '"effectiveDateTime": "2026"' in said) == ([], True)


def test_trusted_hides_nothing(settings, tables):
    """Text, dates and numbers are the sender's own: in the safe report, in the resources, in a scrubbed message."""
    chosen = of(settings, "trusted")
    (report,) = readers.choose(MESSAGE).read(MESSAGE, settings=chosen, tables=tables)
    safe = deid.scrub(report, settings=chosen, tables=tables)
    assert (safe.text, safe.offsets.edits, effective(safe)) == (report.text, (), "2026-01-01")
    (outcome,) = pipeline.convert(MESSAGE, settings=chosen, tables=tables, engine=load_engine(chosen, tables.language))
    patient = next(e["resource"] for e in outcome.resources.bundle["entry"]
                   if e["resource"]["resourceType"] == "Patient")
    assert patient["identifier"] == [{"value": "ZZ900817", "assigner": {"display": "ZZFAC"}}]
    out = pipeline.scrub(MESSAGE, settings=chosen, tables=tables)
    assert out.replace(out.split(b"|")[7], b"") == MESSAGE.replace(b"|20260102030405+0000|", b"|20260102030405+0000|")


def test_the_vault_turns_a_token_back(settings, tables):
    """What stands for the patient's number leads back to it, and the look is written down."""
    chosen = of(settings, "safe-harbor")
    out = pipeline.scrub(MESSAGE, settings=chosen, tables=tables).decode()
    token = out.split("\r")[1].split("|")[3].split("^")[0]
    with vault.opened(chosen) as opened:
        assert opened.find(token, reader="zz") == ("patient", "ZZ900817")
        assert opened.connection.execute("SELECT reader, token FROM reading").fetchall() == [("zz", token)]


def test_derived_pseudonyms_are_kept_where_asked(settings, tables):
    """With the setting `vault`, mode limited gives the same pseudonyms as without, and they lead back."""
    without = pipeline.scrub(MESSAGE, settings=settings, tables=tables)
    kept = of(settings, "limited", vault=True)
    token = without.decode().split("\r")[1].split("|")[3].split("^")[0]
    assert pipeline.scrub(MESSAGE, settings=kept, tables=tables) == without
    with vault.opened(kept) as opened:
        assert opened.find(token, reader="zz") == ("patient", "ZZ900817")


def test_the_vault_is_encrypted_and_the_owners_alone(settings, tables):
    """No value stands readable in the file, others may not read it, and another key does not open it."""
    chosen = of(settings, "safe-harbor")
    out = pipeline.scrub(MESSAGE, settings=chosen, tables=tables).decode()
    path = settings.data_dir / "vault.db"
    assert (path.stat().st_mode & 0o077, b"900817" in b"".join(p.read_bytes() for p in settings.data_dir.iterdir())
            ) == (0, False)
    other = settings_module.load(data_dir=settings.data_dir, key="6b" * 32, mode="safe-harbor")
    with pytest.raises(ConfigurationError, match=r"vault\.db"), vault.opened(other) as opened:
        opened.find(out.split("\r")[1].split("|")[3].split("^")[0], reader="zz")


def test_a_message_that_is_stopped_leaves_no_token(settings, tables, monkeypatch):
    """Tokens of a message that was not given out are not in the vault."""
    from fhir_adapter.deid import residue
    from fhir_adapter.errors import EngineError
    from fhir_adapter.issues import Issue

    def stop(*_args):
        raise EngineError(Issue.at("OUT-520", "PID-3"))

    monkeypatch.setattr(residue, "check", stop)
    chosen = of(settings, "safe-harbor")
    with pytest.raises(EngineError):
        pipeline.scrub(MESSAGE, settings=chosen, tables=tables)
    with vault.opened(chosen) as opened:
        assert opened.connection.execute("SELECT count(*) FROM token").fetchone() == (0,)


def test_invented_names_are_the_same_all_over_and_nobodys(settings, tables):
    """With surrogate names a person has one invented name in every report, and it is no name of the message."""
    chosen = of(settings, "limited", surrogates="names")
    outs = [pipeline.scrub(MESSAGE.replace(b"ZZF77121", number), settings=chosen, tables=tables).decode()
            for number in (b"ZZF77121", b"ZZF77122")]
    names = [re.search(r"\|\|([A-Z][a-z]+) was seen", out) for out in outs]
    assert (names[0] is not None, names[0][1] == names[1][1], names[0][1].lower() in ("zzyzx", "quillon")) == (
        True, True, False)


def test_each_patient_of_a_message_has_days_of_their_own(settings, tables):
    """A second PID and a second Patient move by their own patient's days, not by the first's."""
    def alone(number):
        message = MESSAGE.replace(b"ZZ900817", number)
        return pipeline.scrub(message, settings=settings, tables=tables).decode().split("\r")[2].split("|")[7]

    both = MESSAGE + MESSAGE.replace(b"ZZ900817", b"ZZ900818").split(b"\r", 1)[1]
    out = pipeline.scrub(both, settings=settings, tables=tables).decode()
    orders = [line.split("|")[7] for line in out.split("\r") if line.startswith("OBR")]
    assert orders == [alone(b"ZZ900817"), alone(b"ZZ900818")]
    assert orders[0] != orders[1]
    other = json.loads(json.dumps(BUNDLE["entry"]).replace("ZZ900817", "ZZ900818").replace('"p"', '"q"')
                       .replace("Patient/p", "Patient/q").replace("urn:uuid:1", "urn:uuid:2"))
    two = {**BUNDLE, "entry": [*BUNDLE["entry"], *other]}
    safe = json.loads(pipeline.scrub(json.dumps(two).encode(), settings=settings, tables=tables))
    days = [e["resource"].get("effectiveDateTime") for e in safe["entry"]]
    assert len({day for day in days if day}) == 2
