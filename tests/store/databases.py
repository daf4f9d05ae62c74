"""
The databases that the tests run on: SQLite, and a PostgreSQL cluster of the tests' own.

The cluster lives in a temporary folder on a random port of the loopback, as a user without privileges, and keeps the
durability of its defaults. Where Debian's PostgreSQL is not installed its tests are skipped, except with CI=true.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))


def missing() -> str:
    """Why there is no PostgreSQL here; empty where there is one."""
    return "" if BINARIES else "PostgreSQL is not installed (apt-get install postgresql)"


@contextmanager
def cluster() -> Iterator[str]:
    """A running PostgreSQL; gives the URL of its server without a database name."""
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="fhir-adapter-pg-"))
    # initdb refuses to run as root; Debian's package brings the user.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    binaries, data = BINARIES[-1], folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=folder,
                       user=user if os.geteuid() == 0 else None, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})

    try:
        run(str(binaries / "initdb"), "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8")
        run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o",
            f"-h 127.0.0.1 -p {port} -k {folder} -c max_connections=60", "start")
        try:
            yield f"postgresql://tester@127.0.0.1:{port}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def execute(url: str, *statements: str) -> None:
    """Run statements outside of a transaction."""
    import psycopg

    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
