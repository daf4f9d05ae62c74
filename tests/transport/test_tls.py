"""MLLP over TLS: who has no certificate that we know, where one is asked for, is not heard."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fhir_adapter.errors import SettingsError
from fhir_adapter.service.intake import open_intake
from fhir_adapter.settings import load
from fhir_adapter.transport.mllp import check_address
from tests.messages import oru
from tests.transport.test_reception import reception, rows


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        self._write(self.file, self._certificate(self.name, self.key.public_key(), authority=True))

    def issue(self, name: str) -> tuple[Path, Path]:
        """Files of a certificate for 127.0.0.1 and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate, secret = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        self._write(certificate, self._certificate(subject, key.public_key(), authority=False))
        secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()))
        return certificate, secret

    def _certificate(self, subject, public, *, authority: bool):
        now = datetime.now(UTC)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public)
                   .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                   .not_valid_after(now + timedelta(days=1))
                   .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
                   .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
                                  critical=False))
        return builder.sign(self.key, hashes.SHA256())

    @staticmethod
    def _write(file: Path, certificate) -> None:
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def client_context(authority: Authority, *certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.file))
    if certificate:
        context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def ours(tmp_path) -> Authority:
    return Authority(tmp_path, "zyxwell-authority")


def test_a_message_over_tls_is_answered(settings, tables, ours):
    """With a certificate of ours set, a sender that trusts its authority is answered."""
    certificate, key = ours.issue("adapter")
    intake = open_intake(settings.model_copy(update={"mllp_port": 0, "mllp_certificate": certificate,
                                                     "mllp_certificate_key": key}), tables)

    async def play():
        async with reception(intake) as connect:
            assert await (await connect(ssl=client_context(ours))).ask(oru("QX7")) == ("AA",)
    asyncio.run(play())
    assert [row[0] for row in rows(intake)] == ["QX7"]


def test_client_certificates_decide_who_is_heard(settings, tables, ours, tmp_path):
    """With a client authority set, a sender without a certificate or with another authority's is not heard."""
    certificate, key = ours.issue("adapter")
    other = Authority(tmp_path, "other-authority")
    intake = open_intake(settings.model_copy(update={
        "mllp_port": 0, "mllp_certificate": certificate, "mllp_certificate_key": key, "mllp_client_ca": ours.file}),
        tables)

    async def play():
        async with reception(intake) as connect:
            for stranger in ((), other.issue("stranger")):
                with pytest.raises((OSError, EOFError, ssl.SSLError)):
                    await (await connect(ssl=client_context(ours, *stranger))).ask(oru("QX7"))
            assert await (await connect(ssl=client_context(ours, *ours.issue("engine")))).ask(oru("QX8")) == ("AA",)
    asyncio.run(play())
    assert [row[0] for row in rows(intake)] == ["QX8"]


@pytest.mark.parametrize("options", [{"host": "127.0.0.1"}, {"host": "localhost"},
                                     {"host": "192.0.2.1", "mllp_client_ca": Path("ca.pem")},
                                     {"host": "192.0.2.1", "mllp_open": True}])
def test_addresses_that_may_be_served(tmp_path, options):
    """Loopback, or any address with client certificates or the operator's word."""
    check_address(load(data_dir=tmp_path, **options))


def test_an_open_address_is_refused(tmp_path):
    """An address that others reach, without client certificates, stops the start and names the way out."""
    with pytest.raises(SettingsError, match="mllp_open"):
        check_address(load(data_dir=tmp_path, host="192.0.2.1"))
