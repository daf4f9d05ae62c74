"""
A bearer token for a FHIR server: one that does not change, or one by SMART Backend Services, renewed in time.

HL7 SMART App Launch 2.2.0, Backend Services and Asymmetric Client Authentication (private_key_jwt, RFC 7523).
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from fhir_adapter.errors import ConfigurationError, Refused, Unavailable
from fhir_adapter.transport.peer import Peer, Reply

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_VALID = 240
_EARLY = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who we are to a server: its client id, our key (PEM) and its name there, what we ask for, and where."""

    address: str
    client_id: str
    key: Path
    key_id: str
    scope: str
    token_address: str = ""


class Tokens:
    """Gives a token that is good for half a minute more; `forget` after the server would not have it."""

    def __init__(self, client: Client, peer: Peer, *, now: Callable[[], float] = time.time) -> None:
        self._client, self._peer, self._now = client, peer, now
        self._key, self._algorithm = _key(client.key)
        self._token, self._until, self._lock = "", 0.0, threading.Lock()

    def get(self) -> str:
        """The token. Raises a DeliveryError where the server gives none."""
        with self._lock:
            if not self._token or self._now() >= self._until:
                self._token, seconds = self._ask()
                self._until = self._now() + max(0, seconds - _EARLY)
            return self._token

    def forget(self) -> None:
        """Ask for a new one the next time."""
        with self._lock:
            self._token = ""

    def _ask(self) -> tuple[str, int]:
        where = self._client.token_address or self._found()
        now = int(self._now())
        assertion = jwt.encode({"iss": self._client.client_id, "sub": self._client.client_id, "aud": where,
                                "exp": now + _VALID, "iat": now, "jti": uuid4().hex},
                               self._key, self._algorithm,
                               headers={"kid": self._client.key_id} if self._client.key_id else None)
        form = urlencode({"grant_type": "client_credentials", "scope": self._client.scope,
                          "client_assertion_type": _ASSERTION, "client_assertion": assertion})
        reply = self._exchange(where, form.encode(), method="POST", headers={
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"})
        try:
            answer = json.loads(reply.body)
            return str(answer["access_token"]), int(answer.get("expires_in", 300))
        except (ValueError, KeyError, TypeError):
            raise Unavailable("NET-631") from None

    def _found(self) -> str:
        reply = self._exchange(f"{self._client.address.rstrip('/')}/.well-known/smart-configuration",
                               method="GET", headers={"Accept": "application/json"})
        try:
            return str(json.loads(reply.body)["token_endpoint"])
        except (ValueError, KeyError, TypeError):
            raise Unavailable("NET-631") from None

    def _exchange(self, url: str, body: bytes = b"", *, method: str, headers: Mapping[str, str]) -> Reply:
        """What a token endpoint refuses is who we are, never what we have to send: it can be mended and waits."""
        try:
            return self._peer.exchange(url, body, method=method, headers=headers)
        except Refused as error:
            raise Unavailable("NET-631", status=error.status) from None


def _key(file: Path) -> tuple[RSAPrivateKey | EllipticCurvePrivateKey, str]:
    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        key = None
    if isinstance(key, RSAPrivateKey):
        return key, "RS384"
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name == "secp384r1":
        return key, "ES384"
    raise ConfigurationError("`client_key` of a FHIR server is a PEM private key, RSA or EC P-384, without a password.")
