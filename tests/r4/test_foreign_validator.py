"""Every bundle through HAPI's FHIR R4 validator, which none of us wrote; it runs offline once Maven has its jars."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fhir_adapter.emitters.notification import Event, Standing, notification
from tests.golden.twins import EXPECTED

HERE = Path(__file__).parent
Message = tuple[str, str, str, str]


@pytest.fixture(scope="session")
def classpath(tmp_path_factory) -> str:
    """The validator's jars, as Maven finds them; without Java and Maven there is no validator: an error in CI."""
    if not (shutil.which("java") and shutil.which("mvn")):
        if os.environ.get("CI"):
            pytest.fail("Java 17 and Maven are needed for the R4 validator")
        pytest.skip("Java 17 and Maven are needed for the R4 validator")
    file = tmp_path_factory.mktemp("maven") / "classpath"
    subprocess.run(["mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:build-classpath",
                    f"-Dmdep.outputFile={file}"], check=True, capture_output=True)
    return file.read_text(encoding="utf-8").strip()


def validate(classpath: str, files: list[Path]) -> tuple[list[Message], set[str]]:
    """The validator's messages (file, severity, place, text) and the files that it has been through."""
    done = subprocess.run(["java", "-cp", classpath, HERE / "Validate.java", *files], check=True, capture_output=True,
                          text=True)
    rows = [tuple(line.split("\t")) for line in done.stdout.splitlines()]
    messages = [(Path(r[0]).name, r[1], r[2], r[3]) for r in rows if r[1] != "DONE"]
    return messages, {Path(r[0]).name for r in rows if r[1] == "DONE"}


def test_every_bundle_is_valid_r4(classpath, tmp_path):
    """HAPI finds no error in any bundle that the shipped samples become."""
    files = []
    for twin in sorted(EXPECTED.rglob("*.json")):
        for number, report in enumerate(json.loads(twin.read_text(encoding="utf-8"))["reports"]):
            if "bundle" in report:
                files.append(tmp_path / f"{twin.stem}-{number}.json")
                files[-1].write_text(json.dumps(report["bundle"]), encoding="utf-8")
    messages, seen = validate(classpath, files)
    assert seen == {file.name for file in files}
    assert [m for m in messages if m[1] in ("ERROR", "FATAL")] == []


def test_the_validator_sees_what_is_wrong(classpath, tmp_path):
    """The same validator finds a missing status, a wrong code and an unknown element."""
    subject = {"reference": "Patient/1"}
    wrong = {
        "no-status": {"resourceType": "Observation", "code": {"text": "x"}, "subject": subject},
        "bad-intent": {"resourceType": "ServiceRequest", "status": "draft", "intent": "wish", "subject": subject},
        "unknown": {"resourceType": "Flag", "status": "active", "code": {"text": "x"}, "subject": subject, "mood": "x"},
    }
    files = []
    for name, resource in wrong.items():
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(resource), encoding="utf-8")
    messages, _ = validate(classpath, files)
    assert {m[0] for m in messages if m[1] == "ERROR"} == {file.name for file in files}


def test_every_notification_is_valid_r4(classpath, tmp_path):
    """HAPI finds no R4 error in handshake, heartbeat and events; the profiles of the guide are not at hand."""
    standing = Standing(id="s1", topic="http://example.org/topic", status="active", events=2)
    flag = {"resourceType": "Flag", "id": "a", "status": "active", "code": {"text": "x"},
            "subject": {"reference": "Patient/1"}}
    events = (Event(number=1, noted=datetime.now(UTC), focus="Flag/a", resource=flag),
              Event(number=2, noted=datetime.now(UTC), focus="Flag/b"))
    base = "http://example.org/fhir"
    bundles = {"handshake": notification(standing, "handshake", base),
               "heartbeat": notification(standing, "heartbeat", base),
               **{content: notification(standing, "event-notification", base, events, content=content)
                  for content in ("empty", "id-only", "full-resource")}}
    files = []
    for name, bundle in bundles.items():
        files.append(tmp_path / f"{name}.json")
        bare = {key: value for key, value in bundle.items() if key != "meta"}
        bare["entry"][0]["resource"].pop("meta")
        files[-1].write_text(json.dumps(bare), encoding="utf-8")
    messages, seen = validate(classpath, files)
    assert seen == {file.name for file in files}
    assert [m for m in messages if m[1] in ("ERROR", "FATAL")] == []
