"""`send` and `replay`: what leaves, what it is answered, what changed."""

import json
import socket
import threading
from contextlib import contextmanager
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from fhir_adapter.cli.main import cli
from fhir_adapter.errors import Refused, SettingsError, Unavailable, Unknown
from fhir_adapter.service.replay import Pace, Played, Verdict, junit, paced
from fhir_adapter.transport.sender import Answer, channel
from fhir_adapter.wire.mllp import Deframer, frame
from tests.messages import oru


@contextmanager
def receiver(*answers: bytes | None):
    """A receiver that answers in turn; None hangs up after the message. Gives its port and what it got."""
    got: list[bytes] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def serve() -> None:
            left = list(answers)
            while left:
                line, _ = listening.accept()
                with line:
                    deframer = Deframer(1_000_000)
                    while left and (data := line.recv(65536)):
                        for one in deframer.feed(data):
                            got.append(one.message)
                            answer = left.pop(0)
                            if answer is None:
                                data = b""
                                break
                            line.sendall(frame(answer))
                        if not data:
                            break

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], got


def ack(code: str, *codes: str) -> bytes:
    errs = "".join(f"ERR||OBX^1|101|E|{one}\r" for one in codes)
    return f"MSH|^~\\&|A|B|C|D|20260309||ACK|1|P|2.5\rMSA|{code}|QX1\r{errs}".encode()


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(("said", "answer"), [
    (ack("AA"), Answer(code="AA")), (ack("CA"), Answer(code="CA")),
    (ack("AE", "HL7-108"), Answer(code="AE", reasons=("HL7-108",))),
    (ack("AE", "HL7-108").decode().encode("utf-16"), Answer(code="AE", reasons=("HL7-108",)))])
def test_an_answer_is_read(said, answer):
    """MSA-1 and the codes of the ERR segments, in the character set of the message that is answered."""
    with receiver(said) as (port, got), channel(f"mllp://127.0.0.1:{port}", timeout=5) as to:
        assert (to.send(oru()), got) == (answer, [oru()])


@pytest.mark.parametrize(("said", "error"), [(None, Unknown), (b"hello", Refused)], ids=["silence", "no HL7"])
def test_what_is_no_answer_is_told_apart(said, error):
    """A line that ends after sending is ambiguous; an answer that is none is final."""
    with receiver(said) as (port, _), channel(f"mllp://127.0.0.1:{port}", timeout=5) as to, pytest.raises(error):
        to.send(oru())


def test_a_closed_port_is_unavailable():
    """Nothing was sent, so sending later is safe."""
    with channel(f"mllp://127.0.0.1:{closed_port()}", timeout=5) as to, pytest.raises(Unavailable):
        to.send(oru())


def test_a_broken_line_is_made_anew():
    """After a line broke, the next message goes over a new one."""
    with receiver(None, ack("AA")) as (port, got), channel(f"mllp://127.0.0.1:{port}", timeout=5) as to:
        with pytest.raises(Unknown):
            to.send(oru("1"))
        assert to.send(oru("2")).accepted is True
    assert got == [oru("1"), oru("2")]


@pytest.mark.parametrize("url", ["ftp://x", "mllp://x", "mllp://:99", "mllp://x:port", "wombat"])
def test_an_address_that_is_none_is_refused(url):
    """The error says what an address may be."""
    with pytest.raises(SettingsError, match=r"mllp://host:port"), channel(url, timeout=1):
        pass


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("FHIR_ADAPTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FHIR_ADAPTER_KEY", "5a" * 32)
    folder = tmp_path / "messages"
    folder.mkdir()
    (folder / "a.hl7").write_bytes(oru("A"))
    (folder / "b.hl7").write_bytes(oru("B", text=""))
    return lambda *arguments: CliRunner().invoke(cli, [str(one) for one in arguments]), folder


def test_send_prints_each_answer_and_ends_with_the_worst(run):
    """Exit code 0, 3 or 4."""
    invoke, folder = run
    with receiver(ack("AA"), ack("AE", "HL7-108")) as (port, _):
        done = invoke("send", folder, "--to", f"mllp://127.0.0.1:{port}")
    assert (done.exit_code, "a.hl7: sent AA" in done.stdout, "b.hl7: refused AE HL7-108" in done.stdout) == (
        3, True, True)
    assert invoke("send", folder, "--to", f"mllp://127.0.0.1:{closed_port()}").exit_code == 4


def test_a_replay_sends_nothing_without_go(run):
    """Messages are converted and compared; the receiver hears nothing."""
    invoke, folder = run
    with receiver(ack("AA")) as (port, got):
        done = invoke("replay", folder, "--to", f"mllp://127.0.0.1:{port}")
    assert (got, done.exit_code, "nothing was sent" in done.stderr) == ([], 1, True)


def test_a_replay_compares(run, tmp_path):
    """The same bundle is the same, another is changed and told by type, none is new, what fails is named by code."""
    invoke, folder = run
    expected = tmp_path / "expected"
    expected.mkdir()
    assert "new         " in invoke("replay", folder, "--compare", expected).stdout
    bundle = json.loads(invoke("convert", folder / "a.hl7").stdout)
    (expected / "a.json").write_text(json.dumps(bundle))
    told = invoke("replay", folder, "--compare", expected).stdout
    assert ("same        " in told, "failed      " in told, "HL7-108" in told) == (True, True, True)
    bundle["entry"].pop()
    (expected / "a.json").write_text(json.dumps(bundle))
    done = invoke("replay", folder / "a.hl7", "--compare", expected, "--junit", tmp_path / "junit.xml")
    assert (done.exit_code, "1 Provenance more" in done.stdout) == (1, True)
    assert ElementTree.parse(tmp_path / "junit.xml").getroot().get("failures") == "1"


def test_a_replay_with_go_sends(run):
    """Each message once, in order."""
    invoke, folder = run
    with receiver(ack("AA"), ack("AA")) as (port, got):
        done = invoke("replay", folder, "--to", f"mllp://127.0.0.1:{port}", "--go", "--rate", "100/s")
    assert (done.exit_code, got) == (0, [oru("A"), oru("B", text="")])


def test_a_pace_is_kept(monkeypatch):
    """So many a second, or by MSH-7: the waits between messages are as asked for."""
    clock, waits = [0.0], []
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr("time.sleep", lambda seconds: (waits.append(round(seconds, 3)),
                                                       clock.__setitem__(0, clock[0] + seconds)))
    messages = [("a", oru(sent="20260309101500+0000")), ("b", oru(sent="20260309101530+0000"))]
    list(paced(messages, Pace(rate=4), "UTC"))
    list(paced(messages, Pace(speed=10), "UTC"))
    list(paced(messages, Pace(), "UTC"))
    assert waits == [0, 0.25, 0, 3.0, 0, 0]


def test_junit_counts_what_needs_attention():
    """Changed, failed, refused and unreachable are failures; same, new and sent are not."""
    suite = ElementTree.fromstring(junit(Played(name=v, verdict=v) for v in Verdict))
    assert (suite.get("tests"), suite.get("failures")) == ("7", "4")
