"""
One HTTP exchange with another system: what it answers, or one of three errors that say whether to try again.

No redirect is followed and no proxy is taken from the environment: only the address that was given is ever called.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from fhir_adapter.errors import ConfigurationError, Refused, Unavailable
from fhir_adapter.errors import Unknown as NoAnswer

_BUSY = (408, 425, 429)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A positive answer (2xx), or 304 where nothing has changed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Peer:
    """Another system with what it takes to be let in: a client certificate (PEM) and who may sign for it, if named."""

    def __init__(self, *, seconds: float, certificate: Path | None = None, certificate_key: Path | None = None,
                 ca: Path | None = None, most: int = 0) -> None:
        """`most` is how many bytes of an answer are read; a longer one is refused, unless `most` is 0: then none is."""
        self._most, self._seconds = most, seconds
        try:
            context = ssl.create_default_context(cafile=str(ca) if ca else None)
            if certificate is not None:
                context.load_cert_chain(certificate, certificate_key)
        except (OSError, ssl.SSLError):
            raise ConfigurationError("A certificate for a FHIR server cannot be read; check `certificate`, "
                                     "`certificate_key` and `ca`.") from None
        self._client = httpx.Client(timeout=seconds, verify=context, trust_env=False, follow_redirects=False)

    def exchange(self, url: str, body: bytes = b"", *, method: str, headers: Mapping[str, str],
                 seconds: float | None = None) -> Reply:
        """
        Send and hear, within `seconds` where they are shorter than those of all.

        Raises Refused NET-630 (4xx, a redirect), Unavailable NET-631 (5xx, busy, not reached) or Unknown NET-632
        (silence after sending).
        """
        allowed = min(self._seconds, seconds or self._seconds)
        try:
            with self._client.stream(method, url, content=body, headers=dict(headers), timeout=allowed) as answer:
                if answer.status_code >= 500 or answer.status_code in _BUSY:
                    raise Unavailable("NET-631", status=answer.status_code)
                if not answer.is_success and answer.status_code != 304:
                    raise Refused("NET-630", status=answer.status_code)
                return Reply(status=answer.status_code, headers=answer.headers, body=self._read(answer))
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            raise NoAnswer("NET-632") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise Unavailable("NET-631") from None

    def _read(self, answer: httpx.Response) -> bytes:
        out = bytearray()
        for piece in answer.iter_bytes() if self._most else ():
            out += piece
            if len(out) > self._most:
                raise Refused("NET-630")
        return bytes(out)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
