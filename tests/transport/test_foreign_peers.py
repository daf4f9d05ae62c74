"""Senders that none of us wrote (python-hl7, node-hl7-client, HAPI) are answered, and nothing is lost."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.messages import oru
from tests.transport.test_reception import reception, rows, small

__all__ = ["small"]
HERE = Path(__file__).parent / "peers"
MESSAGES = (oru("F1", filler="F1"), oru("F2", filler="F2", text=""), oru("F3", filler="F3"))


def needed(*programs: str) -> None:
    """Skip where a program is missing, except with CI=true."""
    if missing := [one for one in programs if shutil.which(one) is None]:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{', '.join(missing)} is not installed")


def prepared(command: list[str | Path]) -> None:
    """Run what fetches a peer; skip where its registry cannot be reached."""
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("the peer could not be fetched")


def answers(intake: Callable, folder: Path, command: list[str | Path], **more: str) -> list[str]:
    """What a peer prints that is given the port and a file for each message."""
    files = []
    for number, one in enumerate(MESSAGES):
        files.append(folder / f"{number}.hl7")
        files[-1].write_bytes(one)

    async def run() -> list[str]:
        async with reception(intake) as connect:
            process = await asyncio.create_subprocess_exec(
                *command, str(connect.desk.port), *files, stdout=asyncio.subprocess.PIPE, env=os.environ | more)
            out, _ = await asyncio.wait_for(process.communicate(), 120)
        return out.decode().split("\n")[:-1]

    return asyncio.run(run())


ANSWERS = ["AA F1", "AE F2", "AA F3"]
STATES = [("F1", "received"), ("F2", "rejected"), ("F3", "received")]


def test_node_hl7_client_is_answered(small, tmp_path):
    """Its three messages get AA, AE, AA under their own control ids, and are in the store."""
    needed("node", "npm")
    prepared(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tmp_path, "node-hl7-client@4.0.0"])
    intake = small()
    assert answers(intake, tmp_path, ["node", HERE / "send.mjs"], PEERS=str(tmp_path)) == ANSWERS
    assert [row[:2] for row in rows(intake)] == STATES


def test_hapis_client_is_answered(small, tmp_path):
    """The same with the client of HAPI HL7v2."""
    needed("java", "mvn")
    jars = tmp_path / "classpath"
    prepared(["mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:build-classpath", f"-Dmdep.outputFile={jars}"])
    intake = small()
    assert answers(intake, tmp_path, ["java", "-cp", jars.read_text().strip(), HERE / "Send.java"]) == ANSWERS
    assert [row[:2] for row in rows(intake)] == STATES


def test_python_hl7s_client_is_answered(small, tmp_path):
    """The same with the client of python-hl7, all on one connection."""
    program = ("import sys, hl7\nfrom hl7.client import MLLPClient\n"
               "with MLLPClient('127.0.0.1', int(sys.argv[1])) as line:\n"
               "    for name in sys.argv[2:]:\n"
               "        msa = hl7.parse(line.send_message(open(name, 'rb').read()).strip(b'\\x0b\\x1c\\r'))"
               ".segment('MSA')\n"
               "        print(msa[1], msa[2])")
    intake = small()
    assert answers(intake, tmp_path, [sys.executable, "-c", program]) == ANSWERS
    assert [row[:2] for row in rows(intake)] == STATES
