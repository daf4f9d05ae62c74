"""
MLLP over TCP and TLS (asyncio): connections, limits, order; what a message means is for the handler.

A connection may send many messages without waiting. Each is handed to the handler as soon as it is whole, its answers
are written in the order of the messages, and a connection whose sender does not read its answers, or has more than
`pipeline` messages without an answer, is not read from: nothing grows without bound.
"""

import asyncio
import contextlib
import ipaddress
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from fhir_adapter.errors import ConfigurationError, SettingsError
from fhir_adapter.settings import Settings
from fhir_adapter.wire.mllp import Deframer, Frame, frame

_READ = 64 * 1024
_QUIET_SECONDS = 0.5
"""After 1C and so much silence a frame counts as complete, though its 0D never came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to write back: `now` in turn, `later` whenever it is there; `told` hears whether the last was written."""

    now: tuple[bytes, ...] = ()
    later: Awaitable[bytes] | None = None
    told: Callable[[bool], None] = field(default=lambda _: None)


Handler = Callable[[Frame], Coroutine[object, object, Reply]]
"""Takes the messages of one connection; the listener asks for a new one for each."""
Notice = Callable[[str], None]
"""Hears of connections refused or closed: "full", "full for peer", "idle", "slow", "reset"."""


def check_address(settings: Settings) -> None:
    """Refuse to be reached by others without client certificates: a SettingsError at start."""
    try:
        loopback = ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        loopback = settings.host == "localhost"
    if not loopback and settings.mllp_client_ca is None and not settings.mllp_open:
        raise SettingsError("mllp_client_ca: without client certificates, MLLP is served on a loopback address only; "
                            "set it, or mllp_open where a firewall lets only the interface engine through")


def tls(settings: Settings) -> ssl.SSLContext | None:
    """TLS as the settings say: none, with our certificate, or with client certificates asked for too."""
    if settings.mllp_certificate is None:
        if settings.mllp_client_ca is not None:
            raise ConfigurationError("mllp_client_ca: needs mllp_certificate")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.mllp_certificate, settings.mllp_certificate_key)
        if settings.mllp_client_ca is not None:
            context.load_verify_locations(settings.mllp_client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError):
        raise ConfigurationError("mllp_certificate, mllp_certificate_key, mllp_client_ca: cannot be read") from None
    return context


class Listener:
    """One listening port. `await start()`, then `await stop()`, which finishes what was taken."""

    def __init__(self, handlers: Callable[[], Handler], settings: Settings, notice: Notice = lambda _: None) -> None:
        self._handlers, self._settings, self._notice = handlers, settings, notice
        self._server: asyncio.Server | None = None
        self._peers: Counter[str] = Counter()
        self._connections: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen; a port that is taken is a ConfigurationError."""
        check_address(self._settings)
        host, port = self._settings.host, self._settings.mllp_port or 0
        try:
            self._server = await asyncio.start_server(self._connected, host, port, ssl=tls(self._settings), limit=_READ)
        except OSError:
            raise ConfigurationError(f"mllp_port: {host} port {port} is taken or may not be used") from None

    async def stop(self) -> None:
        """Take no more, answer what was taken, close; after `shutdown_seconds` close whatever is left."""
        assert self._server is not None
        self._server.close()
        self._stopping.set()
        if self._connections:
            _, left = await asyncio.wait(self._connections, timeout=self._settings.shutdown_seconds)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        full = self._peers.total() >= self._settings.mllp_connections
        if full or self._peers[peer] >= self._settings.mllp_connections_per_peer or self._stopping.is_set():
            self._notice("full" if full else "full for peer")
            writer.close()
            return
        self._peers[peer] += 1
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await _Connection(reader, writer, self._handlers(), self._settings, self._stopping, self._notice).run()
        finally:
            self._connections.discard(task)
            self._peers[peer] -= 1
            if not self._peers[peer]:
                del self._peers[peer]
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()


class _Connection:
    """One connection: a reader that hands messages on, and a writer that answers them in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, settings: Settings,
                 stopping: asyncio.Event, notice: Notice) -> None:
        self._reader, self._writer, self._handler, self._settings = reader, writer, handler, settings
        self._stopping, self._notice = stopping, notice
        self._deframer = Deframer(settings.max_message_bytes)
        self._waiting: asyncio.Queue[asyncio.Task[Reply] | None] = asyncio.Queue(settings.mllp_pipeline)
        self._later: set[asyncio.Task[None]] = set()
        self._gone = False

    async def run(self) -> None:
        """Until the peer closes, falls silent for too long, or the service stops."""
        answering = asyncio.create_task(self._answer())
        try:
            await self._read()
        finally:
            await self._waiting.put(None)
            await answering
            if self._later and self._stopping.is_set():
                # Their reports are on disk; their answers are given when the sender asks again.
                for task in self._later:
                    task.cancel()
            await asyncio.gather(*self._later, return_exceptions=True)

    async def _read(self) -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        while not self._stopping.is_set():
            inside = self._deframer.inside
            timeout = self._settings.mllp_idle_seconds
            if inside:
                timeout = max(0.0, begun + self._settings.mllp_message_seconds - clock())
            if self._deframer.perhaps_done:
                timeout = min(timeout, _QUIET_SECONDS)
            try:
                data = await self._next(timeout)
            except TimeoutError:
                if frames := self._deframer.flush():
                    await self._hand_on(frames)
                    continue
                self._notice("slow" if inside else "idle")
                return
            except (OSError, ssl.SSLError):
                self._gone = True
                self._notice("reset")
                return
            frames = self._deframer.feed(data) if data else self._deframer.flush()
            if frames or not inside:
                begun = clock()
            await self._hand_on(frames)
            if not data:
                return

    async def _next(self, timeout: float) -> bytes:
        """The next bytes; none at the end of the stream or when the service stops."""
        reading = asyncio.ensure_future(self._reader.read(_READ))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            done, _ = await asyncio.wait((reading, stopping), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if reading in done:
                return reading.result()
            if stopping in done:
                return b""
            raise TimeoutError
        finally:
            for task in (reading, stopping):
                if not task.done():
                    task.cancel()

    async def _hand_on(self, frames: list[Frame]) -> None:
        for one in frames:
            await self._waiting.put(asyncio.create_task(self._handler(one)))

    async def _answer(self) -> None:
        while (task := await self._waiting.get()) is not None:
            reply = await task
            written = all([await self._write(one) for one in reply.now])
            if reply.later is None:
                reply.told(written)
                continue
            later = asyncio.create_task(self._answer_later(reply, written=written))
            self._later.add(later)
            later.add_done_callback(self._later.discard)

    async def _answer_later(self, reply: Reply, *, written: bool) -> None:
        assert reply.later is not None
        known = False
        try:
            message = await reply.later
            known = await self._write(message) if message else written
        finally:
            reply.told(known)

    async def _write(self, message: bytes) -> bool:
        """Whether the answer was given to the system; a peer that reads nothing counts as gone after a time."""
        if self._gone or self._writer.is_closing():
            return False
        try:
            self._writer.write(frame(message))
            await asyncio.wait_for(self._writer.drain(), self._settings.mllp_message_seconds)
        except (OSError, ssl.SSLError, TimeoutError):
            self._gone = True
            return False
        return True
