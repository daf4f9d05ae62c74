"""A FHIR server of the operator's: requests with what it takes to be let in."""

import json
from collections.abc import Mapping

from fhir_adapter.errors import Refused, Unavailable
from fhir_adapter.model.report import JSONObject
from fhir_adapter.settings import FhirServer
from fhir_adapter.transport.peer import Peer, Reply
from fhir_adapter.transport.smart import Client, Tokens

_MOST = 64 * 1024 * 1024
_JSON = "application/fhir+json"
_CONTENT = (400, 404, 409, 410, 412, 413, 422)


class Connection:
    """An open connection to one server."""

    def __init__(self, server: FhirServer) -> None:
        """Raises ConfigurationError for a key or certificate that cannot be read."""
        self.server = server
        self._peer = Peer(seconds=server.seconds, certificate=server.certificate,
                          certificate_key=server.certificate_key, ca=server.ca, most=_MOST)
        self._tokens = Tokens(Client(
            address=server.address, client_id=server.client_id, key=server.client_key, key_id=server.client_key_id,
            scope=server.scope, token_address=server.token_address), self._peer) if server.client_key else None

    def post(self, bundle: JSONObject) -> None:
        """Send a transaction. Raises a DeliveryError; Refused is about the content, never about who we are."""
        self._exchange(self.server.address.rstrip("/"), "POST", json.dumps(bundle, ensure_ascii=False).encode())

    def get(self, path: str) -> JSONObject:
        """Read a resource or a search below the server's address, or a page of it by its whole address."""
        base = self.server.address.rstrip("/")
        if path.startswith(("http://", "https://")) and not path.startswith(f"{base}/") and not path.startswith(
                f"{base}?"):
            raise Refused("NET-630")
        reply = self._exchange(path if "://" in path.split("?", maxsplit=1)[0] else f"{base}/{path}", "GET")
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError):
            raise Unavailable("NET-631") from None
        if not isinstance(found, dict):
            raise Unavailable("NET-631")
        return found

    def _exchange(self, url: str, method: str, body: bytes = b"") -> Reply:
        try:
            try:
                return self._peer.exchange(url, body, method=method, headers=self._headers(body))
            except Refused as error:
                if error.status != 401 or self._tokens is None:
                    raise
                self._tokens.forget()
                return self._peer.exchange(url, body, method=method, headers=self._headers(body))
        except Refused as error:
            if error.status in _CONTENT:
                raise
            # Not let in, or sent elsewhere: what is sent is not at fault, and the operator can mend it.
            raise Unavailable("NET-631", status=error.status) from None

    def _headers(self, body: bytes) -> Mapping[str, str]:
        token = self._tokens.get() if self._tokens else (
            self.server.token.get_secret_value() if self.server.token else "")
        return {"Accept": _JSON} | ({"Content-Type": _JSON} if body else {}) | (
            {"Authorization": f"Bearer {token}"} if token else {})
