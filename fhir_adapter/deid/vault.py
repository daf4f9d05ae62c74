"""
What each token stands for, encrypted, in a file of its own beside the key.

A file apart from the store, because the store holds de-identified data and whoever reads it must not have this (EDPB
Guidelines 01/2025: the additional information is kept separately). A token is random and tells nothing about its
value; a value is found again by a keyed hash of it, and is readable only with the key (AES-256-GCM).
"""

import os
import secrets
import sqlite3
from base64 import b32encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import digest
from pathlib import Path

from fhir_adapter.deid.keys import Keys, keys_of
from fhir_adapter.errors import ConfigurationError
from fhir_adapter.settings import Settings

_TABLES = """
CREATE TABLE IF NOT EXISTS token (lookup BLOB PRIMARY KEY, token TEXT NOT NULL UNIQUE, sealed BLOB NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reading (at TEXT NOT NULL, reader TEXT NOT NULL, token TEXT NOT NULL);
"""
_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Vault:
    """The open vault; all that is written in one `opened` is on the disk when that ends, or none of it."""

    connection: sqlite3.Connection = field(repr=False)
    keys: Keys = field(repr=False)

    def token(self, purpose: str, value: str) -> str:
        """The token of a value, made at its first use: fifteen characters A-Z2-7, for `uid` a UID under 2.25."""
        lookup = self._lookup(purpose, value)
        known = self._known(lookup)
        if known is None:
            self._begin()
            known = self._known(lookup)  # another process may have been first
        if known is None:
            known = (f"2.25.{secrets.randbits(127) | 1 << 126}" if purpose == "uid" else
                     b32encode(secrets.token_bytes(10)).decode()[:15])
            self._write(lookup, known, purpose, value)
        return known

    def remember(self, token: str, purpose: str, value: str) -> None:
        """Keep what a derived pseudonym stands for."""
        lookup = self._lookup(purpose, value)
        if self._known(lookup) is None:
            self._begin()
            self._write(lookup, token, purpose, value)

    def find(self, token: str, *, reader: str) -> tuple[str, str] | None:
        """Purpose and value of a token, or None; that `reader` asked is written down first.

        Raises ConfigurationError if the vault was written with another key.
        """
        row = self.connection.execute("SELECT sealed FROM token WHERE token = ?", (token,)).fetchone()
        if row is None:
            return None
        self._begin()
        self.connection.execute("INSERT INTO reading VALUES (?, ?, ?)",
                                (datetime.now(UTC).isoformat(timespec="seconds"), reader, token))
        purpose, _, value = self._unsealed(row[0], token).partition("|")
        return purpose, value

    def _lookup(self, purpose: str, value: str) -> bytes:
        return digest(self.keys.lookup, f"{purpose}|{value}".encode(), "sha256")

    def _known(self, lookup: bytes) -> str | None:
        row = self.connection.execute("SELECT token FROM token WHERE lookup = ?", (lookup,)).fetchone()
        return None if row is None else str(row[0])

    def _begin(self) -> None:
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE")

    def _write(self, lookup: bytes, token: str, purpose: str, value: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(12)
        sealed = nonce + AESGCM(self.keys.seal).encrypt(nonce, f"{purpose}|{value}".encode(), token.encode())
        self.connection.execute("INSERT OR IGNORE INTO token VALUES (?, ?, ?)", (lookup, token, sealed))

    def _unsealed(self, sealed: bytes, token: str) -> str:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self.keys.seal).decrypt(sealed[:12], sealed[12:], token.encode()).decode()
        except InvalidTag:
            raise ConfigurationError("vault.db: was written with another key") from None


@contextmanager
def opened(settings: Settings) -> Iterator[Vault]:
    """The vault of these settings; ConfigurationError if it cannot be opened or others may read it."""
    path = settings.data_dir / "vault.db"
    try:
        _made(path)
        with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
            connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES}")
            try:
                yield Vault(connection, keys_of(settings))
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            if connection.in_transaction:
                connection.execute("COMMIT")
    except (OSError, sqlite3.DatabaseError):
        raise ConfigurationError("vault.db: cannot be opened in data_dir") from None


def _made(path: Path) -> None:
    """An empty file that its owner alone may read, where there is none yet."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        raise ConfigurationError("vault.db: others may read it; chmod 600")
