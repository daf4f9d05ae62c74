"""
gunicorn's threaded worker with two habits of ours.

A request must arrive in time, its head and then its body. Without that, a few clients that send a byte now and then
would hold every thread. And a request that is no HTTP is answered with its status alone: gunicorn's own pages repeat
what was sent.
"""

import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.http.unreader import SocketUnreader
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import ThreadWorker

_STATUSES = ((errors.InvalidResponseHeader, HTTPStatus.INTERNAL_SERVER_ERROR),
             (errors.InvalidResponseHeaderName, HTTPStatus.INTERNAL_SERVER_ERROR),
             (errors.LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG),
             (errors.LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
             (errors.UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED),
             (errors.ExpectationFailed, HTTPStatus.EXPECTATION_FAILED),
             (errors.ConfigurationProblem, HTTPStatus.INTERNAL_SERVER_ERROR),
             (errors.ParseException, HTTPStatus.BAD_REQUEST))


class TimedUnreader(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """Reads a connection until its deadline; what does not arrive by then is a TimeoutError."""

    deadline = float("inf")
    late = False

    def allow(self, seconds: float) -> None:
        """From now on, this much time for what is still to come."""
        self.deadline = time.monotonic() + seconds

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes, or a TimeoutError."""
        self.sock.settimeout(max(self.deadline - time.monotonic(), 0.001))
        try:
            read: bytes = super().chunk(size_hint)
        except TimeoutError:
            self.late = True
            raise
        finally:
            self.sock.settimeout(None)
        return read


class Worker(ThreadWorker):  # type: ignore[misc]
    """Serves requests that arrive in time."""

    head_seconds = 10.0
    body_seconds = 60.0

    def handle(self, conn: Any) -> Any:
        """One request of a connection; the connection is closed where it came too late."""
        if conn.initialized:
            conn.parser.unreader.allow(self.head_seconds)
        else:
            # gunicorn begins a connection once something was sent; until then it holds no thread for long.
            conn.init = partial(self._begin, conn, conn.init)
        done = super().handle(conn)
        if done:
            return done
        # Closed here: gunicorn would wait for the client to close too, in the thread that accepts everyone.
        if conn.initialized and conn.parser.unreader.late:
            conn.sock.close()
        else:
            close_graceful(conn.sock)
        return False

    def _begin(self, conn: Any, init: Callable[[], None]) -> None:
        init()
        conn.parser.unreader = TimedUnreader(conn.sock)
        conn.parser.unreader.allow(self.head_seconds)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """The head is here; the body has its own time."""
        conn.parser.unreader.allow(self.body_seconds)
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002 - gunicorn's
        """Answer what is no HTTP by its status alone; nothing of it is repeated or logged."""
        status = next((told for kind, told in _STATUSES if isinstance(exc, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
        body = f"{status.phrase}\n"
        try:
            client.sendall(f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
                           f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        except OSError:
            return


def timed(head: float, body: float) -> type[Worker]:
    """The worker that gives so many seconds to the head of a request and to its body."""
    return type("Worker", (Worker,), {"head_seconds": head, "body_seconds": body})
