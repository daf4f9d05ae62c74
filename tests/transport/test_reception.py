"""Real sockets: what a sender sends over MLLP is on disk before it is told so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import select

from fhir_adapter.errors import ConfigurationError, StoreError
from fhir_adapter.issues import Issue
from fhir_adapter.service.intake import Intake
from fhir_adapter.service.reception import Reception
from fhir_adapter.settings import load
from fhir_adapter.store.schema import message
from fhir_adapter.wire.er7 import Message, parse
from fhir_adapter.wire.mllp import Deframer, frame
from tests.messages import oru


class Sender:
    """One connection of an interface engine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._deframer, self._answers = Deframer(10_000_000), []

    async def send(self, *payloads: bytes) -> None:
        self.writer.write(b"".join(map(frame, payloads)))
        await self.writer.drain()

    async def answer(self) -> Message:
        while not self._answers:
            data = await asyncio.wait_for(self.reader.read(65536), 20)
            if not data:
                raise EOFError
            self._answers += self._deframer.feed(data)
        return parse(self._answers.pop(0).message.decode())

    async def ask(self, payload: bytes) -> tuple[str, ...]:
        """MSA-1 and the codes of ERR-5."""
        await self.send(payload)
        return said(await self.answer())

    async def closed(self) -> bool:
        """Whether the other side closes, with nothing more to say."""
        with contextlib.suppress(ConnectionError):
            return await asyncio.wait_for(self.reader.read(), 20) == b""
        return True


def said(answer: Message) -> tuple[str, ...]:
    return (answer.first("MSA").value(1), *(err.value(5) for err in answer.all("ERR")))


@contextlib.asynccontextmanager
async def reception(intake: Intake) -> AsyncIterator[Callable]:
    desk = Reception(intake)
    await desk.start()
    senders = []

    async def connect(**options) -> Sender:
        sender = Sender(*await asyncio.open_connection("127.0.0.1", desk.port, **options))
        senders.append(sender)
        return sender

    connect.desk = desk
    try:
        yield connect
    finally:
        for sender in senders:
            sender.writer.close()
        await desk.stop()


@pytest.fixture
def intake(store_settings, database, tables) -> Intake:
    return Intake(store_settings.model_copy(update={"mllp_port": 0}), tables, database)


@pytest.fixture
def small(settings, tables) -> Callable[..., Intake]:
    """An intake on SQLite with settings of the test's own."""
    from fhir_adapter.service.intake import open_intake

    def made(**options) -> Intake:
        return open_intake(settings.model_copy(update={"mllp_port": 0, **options}), tables)

    return made


def rows(intake: Intake) -> list[tuple[str, str, str, str]]:
    with intake.database.reading() as connection:
        c = message.c
        return [tuple(row) for row in connection.execute(
            select(c.control_id, c.state, c.code, c.acknowledgement).order_by(c.seq))]


def test_a_message_is_answered_and_on_disk(intake):
    """AA comes back with the sender's control id and swapped addresses, and the row says that it was sent."""
    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            await sender.send(oru("QX7"))
            answer = await sender.answer()
            head = answer.header
            assert said(answer) == ("AA",)
            assert (answer.first("MSA").value(2), head.raw(3), head.raw(4), head.raw(5), head.raw(6), head.raw(9)) == (
                "QX7", "ADAPTER", "RESEARCH", "RIS", "ZYXWELL", "ACK^R01^ACK")
    asyncio.run(play())
    assert rows(intake) == [("QX7", "received", "", "sent")]


def test_when_the_answer_comes_the_row_is_there(intake):
    """At the moment at which the sender reads AA, another connection to the database finds the message."""
    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            await sender.ask(oru("QX7"))
            assert [row[0] for row in rows(intake)] == ["QX7"]
    asyncio.run(play())


def test_a_pipelining_sender_is_answered_in_its_order(intake):
    """Two hundred messages sent without waiting get their answers in order, and lie in the store in order."""
    names = [f"Q{n}" for n in range(200)]

    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            sending = asyncio.create_task(sender.send(*(oru(name) for name in names)))
            assert [(await sender.answer()).first("MSA").value(2) for _ in names] == names
            await sending
    asyncio.run(play())
    assert [row[0] for row in rows(intake)] == names


def test_many_connections_at_once_lose_nothing(intake):
    """Ten senders with twenty messages each: two hundred answers, two hundred rows."""
    async def one(connect, sender: int):
        connection = await connect()
        return [await connection.ask(oru(f"{sender}-{n}")) for n in range(20)]

    async def play():
        async with reception(intake) as connect:
            found = await asyncio.gather(*(one(connect, n) for n in range(10)))
            assert [answer for some in found for answer in some] == [("AA",)] * 200
    asyncio.run(play())
    assert len({row[0] for row in rows(intake)}) == 200


def test_a_repetition_gets_its_answer_again(intake):
    """The same bytes under the same control id get the very same answer and no second row."""
    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            await sender.send(oru("QX7"))
            first = await sender.answer()
            await sender.send(oru("QX7"))
            assert (await sender.answer()).encode() == first.encode()
    asyncio.run(play())
    assert len(rows(intake)) == 1


def test_another_message_under_a_known_control_id_is_a_conflict(intake):
    """It is answered AE with NET-621 and table 0357's 205, and can be found as rejected."""
    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            await sender.ask(oru("QX7"))
            await sender.send(oru("QX7", text="FINDINGS: Pneumothorax."))
            answer = await sender.answer()
            assert (said(answer), answer.first("ERR").value(3)) == (("AE", "NET-621"), "205")
    asyncio.run(play())
    assert rows(intake)[1] == ("QX7", "rejected", "NET-621", "sent")


@pytest.mark.parametrize(("payload", "answer", "row"), [
    (oru(kind="ADT^A01"), ("AR", "HL7-103"), ("QX1", "rejected", "HL7-103", "sent")),
    (oru(text=""), ("AE", "HL7-108"), ("QX1", "rejected", "HL7-108", "sent")),
    (b"GET / HTTP/1.1\r\n\r\n", ("AR", "HL7-119"), ("", "rejected", "HL7-119", "sent")),
    (b"MSH", ("AR", "HL7-102"), ("", "rejected", "HL7-102", "sent")),
], ids=["other type", "no text", "no HL7", "no delimiters"])
def test_what_is_refused_is_told_why_and_can_be_found(intake, payload, answer, row):
    """A refusal names its code, and the message is in the store as rejected."""
    async def play():
        async with reception(intake) as connect:
            assert await (await connect()).ask(payload) == answer
    asyncio.run(play())
    assert rows(intake) == [row]


@pytest.mark.parametrize(("accept", "application", "good", "wrong", "alien"), [
    # asked for: what comes back for a good message, one without text, one that is not for us
    ("AL", "NE", ["CA"], ["CE"], ["CR"]),
    ("SU", "NE", ["CA"], [], []),
    ("ER", "NE", [], ["CE"], ["CR"]),
    ("NE", "NE", [], [], []),
    ("NE", "AL", ["AA"], ["AE"], ["AR"]),
    ("", "ER", [], ["AE"], ["AR"]),
    ("AL", "ER", ["CA"], ["CA", "AE"], ["CR"]),
])
def test_enhanced_mode_gives_what_was_asked_for(intake, accept, application, good, wrong, alien):
    """MSH-15 and MSH-16 decide which answers come; a last message in original mode shows that no more do."""
    mode = {"accept": accept, "application": application}

    async def heard(connect, payload):
        sender = await connect()
        await sender.send(payload, oru("LAST"))
        out = []
        while (answer := await sender.answer()).first("MSA").value(2) != "LAST":
            out.append(answer.first("MSA").value(1))
        return out

    async def play():
        async with reception(intake) as connect:
            assert await heard(connect, oru("1", **mode)) == good
            assert await heard(connect, oru("2", text="", **mode)) == wrong
            assert await heard(connect, oru("3", kind="ADT^A01", **mode)) == alien
    asyncio.run(play())


def test_an_acknowledgement_is_not_acknowledged(intake):
    """An ACK that reaches us is neither answered nor kept; the next message is."""
    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            await sender.send(b"MSH|^~\\&|RIS|X|||20260309||ACK^R01^ACK|9|P|2.5\rMSA|AA|1\r", oru("QX8"))
            assert (await sender.answer()).first("MSA").value(2) == "QX8"
    asyncio.run(play())
    assert [row[0] for row in rows(intake)] == ["QX8"]


def test_a_store_out_of_reach_is_answered_and_nothing_is_kept(intake, monkeypatch):
    """AR in original mode, CE in enhanced mode, NET-620; when the store is back the same message is taken."""
    def gone(*_):
        raise StoreError(Issue.at("NET-620"))

    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            with monkeypatch.context() as patch:
                patch.setattr("fhir_adapter.store.messages.keep", lambda *a, **k: gone())
                assert await sender.ask(oru("QX7")) == ("AR", "NET-620")
                assert await sender.ask(oru("QX8", accept="AL")) == ("CE", "NET-620")
            assert await sender.ask(oru("QX7")) == ("AA",)
    asyncio.run(play())
    assert [row[0] for row in rows(intake)] == ["QX7"]


def test_a_reader_that_fails_is_our_fault_and_the_message_is_kept(intake, monkeypatch):
    """A fault of ours is answered AE with NET-604, and the message waits as failed to be tried again."""
    def broken(*_, **__):
        raise ZeroDivisionError

    async def play():
        async with reception(intake) as connect:
            monkeypatch.setattr("fhir_adapter.readers.hl7v2.reader.HL7v2Reader.read", broken)
            assert await (await connect()).ask(oru("QX7")) == ("AE", "NET-604")
    asyncio.run(play())
    assert rows(intake) == [("QX7", "failed", "NET-604", "sent")]


def test_a_message_over_the_limit_is_refused_and_the_next_is_taken(small):
    """HL7-118 comes back with the control id of the big message, on the same connection."""
    intake = small(max_message_bytes=20_000)

    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            await sender.send(oru("BIG", text="x" * 200_000), oru("QX8"))
            first, second = await sender.answer(), await sender.answer()
            assert (said(first), first.first("MSA").value(2), said(second)) == (("AR", "HL7-118"), "BIG", ("AA",))
    asyncio.run(play())


def test_a_large_message_is_taken_whole(small):
    """Ten megabytes arrive and rest byte by byte as they were sent."""
    payload = oru("BIG", text="nodule " * 120_000)
    intake = small(max_message_bytes=16 * 1024 * 1024)

    async def play():
        async with reception(intake) as connect:
            assert await (await connect()).ask(payload) == ("AA",)
    asyncio.run(play())
    with intake.database.reading() as connection:
        assert connection.execute(select(message.c.payload)).scalar_one() == payload


def test_one_address_gets_so_many_connections_and_no_more(small):
    """A further connection is closed at once; after one ends there is room again."""
    async def play():
        async with reception(small(mllp_connections_per_peer=2)) as connect:
            first, second = await connect(), await connect()
            assert (await first.ask(oru("1")), await second.ask(oru("2"))) == (("AA",), ("AA",))
            assert await (await connect()).closed() is True
            first.writer.close()
            await first.writer.wait_closed()
            for _ in range(200):
                third = await connect()
                with contextlib.suppress(EOFError, ConnectionError):
                    assert await third.ask(oru("3")) == ("AA",)
                    return
            pytest.fail("there was no room again")
    asyncio.run(play())


@pytest.mark.parametrize(("options", "begin"), [({"mllp_idle_seconds": 0.2}, b""),
                                                ({"mllp_message_seconds": 0.2}, b"\x0bMSH|^~\\&|")],
                         ids=["idle", "slow"])
def test_who_sends_nothing_or_never_ends_is_closed(small, options, begin):
    """An idle connection and one that does not finish its message are closed."""
    async def play():
        async with reception(small(**options)) as connect:
            sender = await connect()
            sender.writer.write(begin)
            assert await sender.closed() is True
    asyncio.run(play())


def test_a_missing_last_0d_is_not_waited_for(small):
    """A sender that ends its frames with 1C alone is answered."""
    async def play():
        async with reception(small()) as connect:
            sender = await connect()
            sender.writer.write(frame(oru("QX7"))[:-1])
            assert said(await sender.answer()) == ("AA",)
    asyncio.run(play())


def test_a_sender_that_hangs_up_before_its_answer_is_marked(small):
    """The message is kept; its answer is unsent, or sent where the system took it before the end was seen."""
    intake = small()

    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            await sender.send(oru("QX7"))
            sender.writer.transport.abort()
            await sender.closed()
            assert await (await connect()).ask(oru("QX8")) == ("AA",)
    asyncio.run(play())
    assert [(row[0], row[1]) for row in rows(intake)] == [("QX7", "received"), ("QX8", "received")]


def test_stopping_finishes_what_was_taken(small):
    """A stop while answers are owed: each message that was kept is answered, then the connection ends."""
    intake = small()

    async def play():
        async with reception(intake) as connect:
            sender = await connect()
            await sender.ask(oru("FIRST"))
            await sender.send(*(oru(f"Q{n}") for n in range(30)))
            first = await sender.answer()
            stopping = asyncio.create_task(connect.desk._listener.stop())
            heard = [first.first("MSA").value(2)]
            with contextlib.suppress(EOFError):
                while True:
                    heard.append((await sender.answer()).first("MSA").value(2))
            await stopping
            return heard
    heard = asyncio.run(play())
    assert [row[0] for row in rows(intake)] == ["FIRST", *heard]


def test_a_port_that_is_taken_stops_the_start(small):
    """The error names the setting, the address and the port."""
    async def play():
        async with reception(small()) as connect:
            with pytest.raises(ConfigurationError, match=r"mllp_port: 127\.0\.0\.1 port \d+ is taken"):
                await Reception(small(mllp_port=connect.desk.port)).start()
    asyncio.run(play())


def test_settings_for_tls_must_fit(tmp_path):
    """Client certificates need TLS, and certificate files must be there."""
    from fhir_adapter.transport.mllp import tls

    for options in ({"mllp_client_ca": tmp_path / "x"}, {"mllp_certificate": tmp_path / "x"}):
        with pytest.raises(ConfigurationError, match=r"^mllp_"):
            tls(load(data_dir=tmp_path, **options))
