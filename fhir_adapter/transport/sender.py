"""
The sending side of MLLP and HL7 over HTTP: one message out, its acknowledgement back.

What happened is told by the exception tree: Refused (the receiver said no), Unavailable (nothing was sent, or the
receiver said later), Unknown (sent, and no answer came).
"""

import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from fhir_adapter.errors import Refused, SettingsError, Unavailable, UnreadableMessage
from fhir_adapter.errors import Unknown as NoAnswer
from fhir_adapter.wire import charsets
from fhir_adapter.wire.er7 import parse
from fhir_adapter.wire.mllp import Deframer, frame

_READ = 64 * 1024
_LARGEST_ANSWER = 1024 * 1024
_BUSY = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said: MSA-1 (or the HTTP status where there is no acknowledgement) and the codes of its ERRs."""

    code: str
    reasons: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the receiver took the message."""
        return self.code in ("AA", "CA") or self.code.startswith("2")


class Channel(Protocol):
    """Somewhere to send to."""

    def send(self, message: bytes) -> Answer:
        """Send one message and wait for its answer; raises Unavailable or NoAnswer, and Refused for what is final."""


@contextmanager
def channel(url: str, *, timeout: float) -> Iterator[Channel]:
    """A channel to `mllp://host:port`, `mllps://host:port`, `http://…` or `https://…`, closed at the end."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.hostname:
        yield _Http(url, timeout)
        return
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in ("mllp", "mllps") or not parts.hostname or not port:
        raise SettingsError("--to: is mllp://host:port, mllps://host:port, http://… or https://…")
    line = _Mllp(parts.hostname, port, timeout, ssl.create_default_context() if parts.scheme == "mllps" else None)
    try:
        yield line
    finally:
        line.close()


class _Mllp:
    """One connection, kept open over messages and made anew after it broke."""

    def __init__(self, host: str, port: int, timeout: float, tls: ssl.SSLContext | None) -> None:
        self._address, self._timeout, self._tls = (host, port), timeout, tls
        self._line: socket.socket | None = None

    def send(self, message: bytes) -> Answer:
        line = self._line or self._connect()
        try:
            line.sendall(frame(message))
            return self._answer(line)
        except (OSError, EOFError):
            self.close()
            raise NoAnswer("NET-632 The message was sent, and no answer came.") from None

    def close(self) -> None:
        """Close the connection."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _connect(self) -> socket.socket:
        try:
            line = socket.create_connection(self._address, self._timeout)
            self._line = self._tls.wrap_socket(line, server_hostname=self._address[0]) if self._tls else line
        except OSError:
            raise Unavailable("NET-631 The receiver cannot be reached.") from None
        return self._line

    def _answer(self, line: socket.socket) -> Answer:
        deframer = Deframer(_LARGEST_ANSWER)
        while True:
            data = line.recv(_READ)
            if not data:
                raise EOFError
            for one in deframer.feed(data):
                return _read(one.message)


class _Http:
    """HL7 over HTTP: a request a message."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url, timeout

    def send(self, message: bytes) -> Answer:
        kind = "application/fhir+json" if message.lstrip()[:1] == b"{" else "application/hl7-v2"
        request = urllib.request.Request(self._url, message, {"Content-Type": kind})  # noqa: S310 - http(s) only
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:  # noqa: S310
                return _said(response.status, response.read(_LARGEST_ANSWER))
        except urllib.error.HTTPError as error:
            if error.code in _BUSY:
                raise Unavailable("NET-631 The receiver says: later.") from None
            return _said(error.code, error.read(_LARGEST_ANSWER))
        except TimeoutError:
            raise NoAnswer("NET-632 The message was sent, and no answer came.") from None
        except (OSError, ValueError):
            raise Unavailable("NET-631 The receiver cannot be reached.") from None


def _said(status: int, body: bytes) -> Answer:
    return _read(body) if b"MSH" in body[:16].replace(b"\0", b"") else Answer(code=str(status))


def _text(message: bytes) -> str:
    """An answer in its own character set, which is that of the message; what does not fit it is not its code."""
    try:
        return charsets.decode(message)[0]
    except UnreadableMessage:
        return message.decode("utf-8", "replace")


def _read(message: bytes) -> Answer:
    try:
        answer = parse(_text(message))
    except UnreadableMessage:
        raise Refused("NET-630 The receiver's answer is no acknowledgement.") from None
    said = answer.first("MSA")
    if said is None:
        raise Refused("NET-630 The receiver's answer is no acknowledgement.")
    return Answer(code=said.value(1), reasons=tuple(filter(None, (
        err.value(5) or err.value(3) or err.value(1, 4) for err in answer.all("ERR")))))
