"""Results reach the operator's own FHIR servers as transactions, with what it takes to be let in."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fhir_adapter.errors import ConfigurationError
from fhir_adapter.service.delivery.again import retry
from fhir_adapter.service.delivery.loop import Deliverer
from fhir_adapter.settings import FhirServer


class Target:
    """A FHIR server that takes transactions; `says(number)` is the status of the n-th, `tokens` are let in."""

    def __init__(self, says, tokens: tuple[str, ...]) -> None:
        self.says, self.tokens = says, tokens
        self.tried: list[tuple[str, str | None]] = []
        self.taken: list[list[str]] = []
        self.assertions: list[str] = []
        self.token_status = 200

    def transaction(self, path: str, authorization: str | None, body: bytes) -> int:
        """Take a transaction if it may be."""
        self.tried.append((path, authorization))
        if self.tokens and authorization not in [f"Bearer {one}" for one in self.tokens]:
            return 401
        status = self.says(len(self.tried))
        bundle = json.loads(body)
        assert bundle["type"] == "transaction"
        if status < 300:
            self.taken.append([entry["request"]["method"] + " " + entry["request"]["url"]
                               for entry in bundle["entry"]])
        return status


@contextmanager
def target(says=lambda n: 200, tokens: tuple[str, ...] = ()):
    """A running target, its address."""
    state = Target(says, tokens)

    class Handler(BaseHTTPRequestHandler):
        def reply(self, status: int, content: dict | None = None) -> None:
            body = json.dumps(content or {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.reply(200, {"token_endpoint": f"http://127.0.0.1:{self.server.server_port}/token"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/token":
                state.assertions.append(parse_qs(body.decode())["client_assertion"][0])
                self.reply(state.token_status, {"access_token": f"t{len(state.assertions)}", "expires_in": 300})
            else:
                self.reply(state.transaction(self.path, self.headers["Authorization"], body))

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fhir", state
    finally:
        server.shutdown()
        server.server_close()


def serve(world, address: str, **more) -> None:
    """Let the settings name a server."""
    server = FhirServer(name="ehr", address=address, **{"push": ("*",), **more})
    world.settings = world.settings.model_copy(update={"fhir_servers": (server,)})


def test_a_report_is_one_transaction_of_puts(world):
    """All that there is, from the beginning, in the order of changes; what one report changed goes together."""
    world.change("p", kind="Patient", report="one")
    world.change("a", report="one")
    world.change("b", report="two")
    with target() as (address, state):
        serve(world, address)
        world.deliver(lambda: len(state.taken) == 2)
    assert state.taken == [["PUT Patient/p", "PUT Flag/a"], ["PUT Flag/b"]]
    assert state.tried[0][0] == "/fhir"


def test_a_search_chooses_what_is_pushed(world):
    """Only what the searches of `push` find."""
    world.change("p", kind="Patient")
    world.change("a", "b")
    with target() as (address, state):
        serve(world, address, push=("Flag?_id=b",))
        world.deliver(lambda: world.row("push:ehr") is not None and world.row("push:ehr").cursor == 3)
    assert state.taken == [["PUT Flag/b"]]


@pytest.mark.parametrize("status", [500, 403, 302], ids=["down", "not let in", "moved"])
def test_what_the_operator_can_mend_waits(world, status):
    """A server that is down, does not let us in or has moved gets everything when it takes it again."""
    world.change("a")
    with target(lambda n: status if n < 3 else 200) as (address, state):
        serve(world, address)
        world.deliver(lambda: state.taken == [["PUT Flag/a"]])
    assert len(state.tried) == 3


def test_a_transaction_that_is_refused_is_set_aside_and_can_be_sent_again(world):
    """422: the next report goes on; when mended, `retry` sends what was set aside."""
    world.change("a", report="one")
    world.change("b", report="two")
    with target(lambda n: 422 if n == 1 else 200) as (address, state):
        serve(world, address)
        world.deliver(lambda: len(state.taken) == 1)
        assert retry(world.results, world.settings, "push:ehr") == (1, 0)
    assert state.taken == [["PUT Flag/b"], ["PUT Flag/a"]]


def test_a_fixed_token_is_sent(world):
    """The bearer token of the settings, and no token from elsewhere."""
    world.change("a")
    with target(tokens=("wombat",)) as (address, state):
        serve(world, address, token="wombat")
        world.deliver(lambda: len(state.taken) == 1)
    assert state.tried == [("/fhir", "Bearer wombat")]


@pytest.mark.parametrize(("make", "algorithm"), [
    (lambda: rsa.generate_private_key(65537, 2048), "RS384"),
    (lambda: ec.generate_private_key(ec.SECP384R1()), "ES384")])
def test_a_token_is_asked_for_by_smart_backend_services(world, tmp_path, make, algorithm):
    """The assertion is signed with our key for the found endpoint; a token that is refused is asked for anew, once."""
    key, file = make(), tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    world.change("a")
    with target(tokens=("t2",)) as (address, state):
        serve(world, address, client_id="adapter", client_key=file, client_key_id="k1")
        world.deliver(lambda: len(state.taken) == 1)
    assert [authorization for _, authorization in state.tried] == ["Bearer t1", "Bearer t2"]
    claims = jwt.decode(state.assertions[0], key.public_key(), [algorithm],
                        audience=address.replace("/fhir", "/token"))
    assert (claims["iss"], claims["sub"], claims["exp"] - claims["iat"] <= 300) == ("adapter", "adapter", True)
    assert jwt.get_unverified_header(state.assertions[0])["kid"] == "k1"
    assert len({jwt.decode(one, options={"verify_signature": False})["jti"] for one in state.assertions}) == 2


@pytest.mark.parametrize("status", [400, 401, 302])
def test_a_token_that_is_refused_sets_nothing_aside(world, tmp_path, status):
    """That we are not known at the token endpoint is no fault of the results: they wait until it is mended."""
    file = tmp_path / "key.pem"
    file.write_bytes(ec.generate_private_key(ec.SECP384R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    world.change("a")
    with target() as (address, state):
        state.token_status = status
        serve(world, address, client_id="adapter", client_key=file)
        world.deliver(lambda: world.row("push:ehr") is not None and world.row("push:ehr").failures >= 2)
        assert (world.row("push:ehr").refusals, state.tried) == (0, [])
        state.token_status = 200
        world.deliver(lambda: state.taken == [["PUT Flag/a"]])


@pytest.mark.parametrize("more", [
    {"push": ("Wombat",)}, {"push": ("Flag?wombat=1",)}, {"client_id": "x", "client_key": "/nowhere"},
    {"certificate": "/nowhere"}])
def test_a_server_that_cannot_be_served_stops_the_start(world, more):
    """A search that is not served and a key or certificate that cannot be read are told before anything is sent."""
    serve(world, "http://127.0.0.1:1/fhir", **more)
    with pytest.raises(ConfigurationError):
        Deliverer(world.results, world.settings)


def test_a_server_that_is_taken_out_keeps_its_place(world):
    """Out of the settings it is switched off; back in them it goes on where it stopped."""
    world.change("a")
    with target() as (address, state):
        serve(world, address)
        world.deliver(lambda: len(state.taken) == 1)
        world.settings = world.settings.model_copy(update={"fhir_servers": ()})
        world.deliver(lambda: world.row("push:ehr").status == "off")
        world.change("b")
        serve(world, address)
        world.deliver(lambda: len(state.taken) == 2)
    assert state.taken == [["PUT Flag/a"], ["PUT Flag/b"]]
