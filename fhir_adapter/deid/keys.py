"""
The secret that pseudonyms and date shifts come from.

One master key for a site; HKDF-SHA256 derives one key for each purpose, project and epoch, so that a pseudonym tells
nothing about a date shift and two projects cannot be linked. Never a plain hash: eight-digit record numbers are tried
in a minute.
"""

import os
import stat
from base64 import b32encode
from dataclasses import dataclass, field
from functools import lru_cache
from hmac import digest
from pathlib import Path

from fhir_adapter.errors import ConfigurationError, SettingsError
from fhir_adapter.settings import Settings

_WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The derived keys; none of them is ever shown."""

    ids: bytes = field(repr=False)
    uids: bytes = field(repr=False)
    dates: bytes = field(repr=False)
    lookup: bytes = field(repr=False)
    """Finds a value in the vault again; another one for each project and epoch."""
    seal: bytes = field(repr=False)
    """Encrypts the vault; the same for all projects and epochs, so that old entries stay readable."""
    name: str = ""
    """Eight characters that tell which key was used and nothing else about it."""

    def pseudonym(self, purpose: str, value: str) -> str:
        """Fifteen characters A-Z2-7 (75 bits) that stand for `value`.

        They fit DICOM SH (16), CX.1 of HL7 v2.5 and later (15) and a FHIR id (64).
        """
        mac = digest(self.ids, f"{purpose}|{value}".encode(), "sha256")
        return b32encode(mac[:10]).decode()[:15]

    def uid(self, value: str) -> str:
        """A DICOM UID under 2.25 (PS3.5 B.2) that stands for the UID `value`; empty for an empty one."""
        if not value:
            return ""
        return f"2.25.{int.from_bytes(digest(self.uids, value.encode(), 'sha256')[:16], 'big')}"

    def shift(self, patient: str) -> int:
        """The patient's number of days: whole weeks, so that weekdays stay, from -26 to 26 weeks, never none.

        `patient` is `number|issuer`; the issuer, which HL7, FHIR and DICOM spell differently, does not count.
        """
        bare = patient.split("|", maxsplit=1)[0]
        number = int.from_bytes(digest(self.dates, bare.encode(), "sha256")[:8], "big") % (2 * _WEEKS)
        weeks = number - _WEEKS
        return 7 * (weeks if weeks < 0 else weeks + 1)


def keys_of(settings: Settings) -> Keys:
    """The keys for these settings; the master key is made on first use where none is set.

    Raises SettingsError for a key that is no hex or under 32 bytes, ConfigurationError for a key file that others may
    read or that cannot be made.
    """
    if settings.key is not None:
        try:
            master = bytes.fromhex(settings.key.get_secret_value())
        except ValueError:
            raise SettingsError("key: is not hexadecimal") from None
        return _derived(_checked(master, "key"), settings.project, settings.key_epoch)
    return _from_file(settings.data_dir / "deid.key", settings.project, settings.key_epoch)


def _checked(master: bytes, name: str) -> bytes:
    if len(master) < 32:
        raise SettingsError(f"{name}: is shorter than 32 bytes")
    return master


@lru_cache(maxsize=8)
def _from_file(path: Path, project: str, epoch: int) -> Keys:
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError("deid.key: others may read it; chmod 600")
        return _derived(_checked(bytes.fromhex(path.read_text(encoding="ascii").strip()), "deid.key"), project, epoch)
    except OSError:
        raise ConfigurationError("deid.key: cannot be made or read in data_dir") from None
    except ValueError:
        raise ConfigurationError("deid.key: is not hexadecimal") from None


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, os.urandom(32).hex().encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(own, path)  # atomic: of several first users, one wins and all read the same key
    except FileExistsError:
        pass
    finally:
        own.unlink()


@lru_cache(maxsize=8)
def _derived(master: bytes, project: str, epoch: int) -> Keys:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    scope = f"{len(project)}:{project}/" if project else ""

    def derived(info: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(master)

    def key(purpose: str) -> bytes:
        return derived(f"fhir-adapter/deid/v{epoch}/{scope}{purpose}")

    return Keys(ids=key("ids"), uids=key("uids"), dates=key("dates"), lookup=key("lookup"),
                seal=derived("fhir-adapter/vault"), name=key("name").hex()[:8])
