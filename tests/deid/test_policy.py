"""A policy that cannot be honoured stops the start; a site's own fields stay as it says."""

import shutil

import pytest

from fhir_adapter import pipeline
from fhir_adapter import tables as tables_module
from fhir_adapter.errors import TableError
from tests.conftest import ROOT
from tests.deid.formats.test_er7 import HEAD, OBR, PID, REPORT


@pytest.fixture
def folder(tmp_path):
    """A copy of all tables, to be spoilt."""
    for name in ("mappings", "hl7"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(("old", "new", "told"), [
    ("hl7v2: {}", "hl7v2: {QQQ: {1: code}}", "QQQ: there is no such segment"),
    ("hl7v2: {}", "hl7v2: {PID: {99: code}}", "PID: there is no field 99"),
    ("hl7v2: {}", "hl7v2: {PID: {5: XXN}}", "PID-5: the data type has no row"),
    ("hl7v2: {}", "hl7v2: {PID: {5: kept}}", "hl7v2/PID/5"),
    ("  Flag: {", "  Flags: {", "fhir/Flags: there is no such resource type"),
    ("  Flag: {", "  Flag: {flavour: keep, ", "fhir/Flag/flavour: the type has no such element"),
    ("name: name, address", "name: keep, address", "fhir/Patient/name: keep cannot be done with the type HumanName"),
    ("name: name, address", "telecom: keep, address", "fhir/Patient/telecom: keep cannot be done"),
    ("subject: reference, period", "subject: text, period", "fhir/Flag/subject: text cannot be done"),
])
def test_a_row_that_cannot_be_honoured_is_refused(folder, old, new, told):
    """An unknown segment, field, type, element or action, or one that does not fit, is named and nothing starts."""
    path = folder / "mappings" / "deid_policy.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=told):
        tables_module.load(folder)


def test_a_site_may_keep_fields_of_its_own(folder, settings):
    """A Z segment that a site's file names comes through for its sender and for no one else, by its actions."""
    (folder / "hl7" / "sites" / "zz.yaml").write_text(
        "sending_facility: [ZZFAC]\ndeid: {ZPF: {2: code, 3: date, 4: XCN}}\n", encoding="utf-8")
    message = HEAD.format(version="2.5") + PID + OBR + REPORT + "ZPF|Zzyzx|CT|20260102|ZZ1^ZZYZX|Zzyzx\r"
    tables = tables_module.load(folder)
    outs = [pipeline.scrub(message.replace("ZZAPP|ZZFAC", f"ZZAPP|{sender}").encode(), settings=settings,
                           tables=tables).decode() for sender in ("ZZFAC", "OTHER")]
    line = next(line for line in outs[0].split("\r") if line.startswith("ZPF")).split("|")
    assert (line[:3], len(line[3]), "ZPF" in outs[1], "zyzx" in outs[0].lower()) == (["ZPF", "", "CT"], 8, False, False)


def test_two_sites_do_not_speak_of_one_sender(folder):
    """Which of two files would count is not left to chance."""
    for name in ("a", "b"):
        (folder / "hl7" / "sites" / f"{name}.yaml").write_text("sending_facility: [ZZFAC]\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"sites/b\.yaml:sending_facility"):
        tables_module.load(folder)
