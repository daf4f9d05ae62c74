"""Disk full, database gone, database slow: what senders are told, and that it goes on by itself afterwards."""

import asyncio
import sqlite3
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event

from fhir_adapter.service.intake import Intake
from fhir_adapter.store import migrate
from fhir_adapter.store.database import FILE, connect
from tests.messages import oru
from tests.store import databases
from tests.transport.test_reception import reception, rows


def test_on_a_full_disk_senders_are_told_to_send_again(settings, tables):
    """AR with NET-620 for what cannot be kept, nothing half-kept; when there is room the same message is taken."""
    database = connect(settings)
    migrate.upgrade(database)
    database.close()
    pages = [0]

    @event.listens_for(database.engine, "checkout")
    def limited(connection, *_):
        # SQLite answers as on a full disk once the file may not grow.
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        pages[0] = pages[0] or now + 30
        connection.execute(f"PRAGMA max_page_count = {pages[0]}")

    intake = Intake(settings.model_copy(update={"mllp_port": 0}), tables, database)
    text = "FINDINGS: No pneumothorax. " * 400

    async def play():
        async with reception(intake) as connect_:
            sender = await connect_()
            heard = [await sender.ask(oru(f"Q{n}", text=text)) for n in range(20)]
            assert heard[0] == ("AA",)
            assert heard[-1] == ("AR", "NET-620")
            assert {name for name, *_ in rows(intake)} == {f"Q{n}" for n, said in enumerate(heard) if said == ("AA",)}
            pages[0] += 10_000
            assert await sender.ask(oru("Q19", text=text)) == ("AA",)
    asyncio.run(play())


def test_a_database_that_is_gone_is_waited_for(postgresql, settings, tables):
    """Connections cut and refused: AR with NET-620; when the server is back the same listener takes messages again."""
    databases.execute(postgresql, "CREATE DATABASE gone")
    settings = settings.model_copy(update={
        "mllp_port": 0, "database": type(settings)(database=f"{postgresql}/gone").database})
    database = connect(settings)
    migrate.upgrade(database)
    intake = Intake(settings, tables, database)

    async def play():
        async with reception(intake) as connect_:
            sender = await connect_()
            assert await sender.ask(oru("Q1")) == ("AA",)
            databases.execute(postgresql, "ALTER DATABASE gone ALLOW_CONNECTIONS false",
                              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'gone'")
            assert await sender.ask(oru("Q2")) == ("AR", "NET-620")
            databases.execute(postgresql, "ALTER DATABASE gone ALLOW_CONNECTIONS true")
            assert await sender.ask(oru("Q2")) == ("AA",)
    asyncio.run(play())
    assert [name for name, *_ in rows(intake)] == ["Q1", "Q2"]
    database.close()
    databases.execute(postgresql, "DROP DATABASE gone WITH (FORCE)")


def test_a_slow_database_delays_answers_and_nothing_else(settings, tables):
    """While another program holds the write lock no answer is given; connections are served; then all are answered."""
    database = connect(settings)
    migrate.upgrade(database)
    intake = Intake(settings.model_copy(update={"mllp_port": 0}), tables, database)
    other = sqlite3.connect(settings.data_dir / FILE, isolation_level=None)

    async def play():
        async with reception(intake) as connect_:
            first, second = await connect_(), await connect_()
            other.execute("BEGIN IMMEDIATE")
            await first.send(oru("Q1"))
            waiting = asyncio.create_task(first.answer())
            await second.send(b"MSH|^~\\&|RIS|X|||20260309||ACK^R01^ACK|9|P|2.5\rMSA|AA|1\r")
            done, _ = await asyncio.wait([waiting], timeout=0.5)
            assert done == set()
            other.execute("ROLLBACK")
            assert (await waiting).first("MSA").value(1) == "AA"
            assert await second.ask(oru("Q2")) == ("AA",)
    asyncio.run(play())


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none"])
def test_a_database_that_was_never_there_stops_nothing_but_the_start(settings, url):
    """Opening the store is a StoreError with NET-620; it names neither address nor user."""
    from fhir_adapter.errors import StoreError

    database = connect(settings.model_copy(update={"database": type(settings)(database=url).database}))
    with pytest.raises(StoreError) as told:
        migrate.upgrade(database)
    assert urlsplit(url).netloc not in str(told.value)
