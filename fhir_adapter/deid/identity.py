"""Who stands where a person stood: one answer for each mode."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from fhir_adapter.deid.keys import Keys, keys_of
from fhir_adapter.deid.vault import Vault, opened
from fhir_adapter.model.safe import Mode
from fhir_adapter.settings import Settings


class Identity(Protocol):
    """What a mode puts in the place of numbers and names, and what it does with dates."""

    @property
    def mode(self) -> Mode:
        """The mode in force."""

    @property
    def name(self) -> str:
        """Eight characters that tell which key was used and nothing else about it."""

    def pseudonym(self, purpose: str, value: str) -> str:
        """What stands for `value`, the same wherever it is asked for; fifteen characters in the modes that hide."""

    def uid(self, value: str) -> str:
        """The DICOM UID that stands for the UID `value`; empty for an empty one."""

    def shift(self, patient: str) -> int | None:
        """By how many days the patient's dates move; None where only their year stays."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """Mode limited: pseudonyms and shifts are derived with the key, and kept in the vault if there is one."""

    keys: Keys
    vault: Vault | None = None
    mode: Mode = Mode.LIMITED
    made: dict[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)
    """What was derived so far; a message names the same people again and again."""

    @property
    def name(self) -> str:
        """See Identity."""
        return self.keys.name

    def pseudonym(self, purpose: str, value: str) -> str:
        """See Identity."""
        known = self.made.get((purpose, value))
        if known is not None:
            return known
        made = self.made[purpose, value] = self.keys.pseudonym(purpose, value)
        if self.vault:
            self.vault.remember(made, purpose, value)
        return made

    def uid(self, value: str) -> str:
        """See Identity."""
        made = self.keys.uid(value)
        if self.vault and value:
            self.vault.remember(made, "uid", value)
        return made

    def shift(self, patient: str) -> int | None:
        """See Identity."""
        return self.keys.shift(patient)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Mode safe-harbor: random tokens, which the vault alone can turn back; of dates the year."""

    vault: Vault
    mode: Mode = Mode.SAFE_HARBOR

    @property
    def name(self) -> str:
        """See Identity."""
        return self.vault.keys.name

    def pseudonym(self, purpose: str, value: str) -> str:
        """See Identity."""
        return self.vault.token(purpose, value)

    def uid(self, value: str) -> str:
        """See Identity."""
        return self.vault.token("uid", value) if value else ""

    def shift(self, patient: str) -> int | None:  # noqa: ARG002 - the protocol's
        """See Identity."""
        return None


@dataclass(frozen=True, slots=True)
class Known:
    """Mode trusted: everything stays what it is."""

    name: str
    mode: Mode = Mode.TRUSTED

    def pseudonym(self, purpose: str, value: str) -> str:  # noqa: ARG002 - the protocol's
        """See Identity."""
        return value

    def uid(self, value: str) -> str:
        """See Identity."""
        return value

    def shift(self, patient: str) -> int | None:  # noqa: ARG002 - the protocol's
        """See Identity."""
        return 0


def ready(settings: Settings) -> None:
    """Raise SettingsError or ConfigurationError if the mode in the settings cannot be honoured: no key, no vault."""
    with identity_of(settings):
        pass


@contextmanager
def identity_of(settings: Settings) -> Iterator[Identity]:
    """The identity for these settings; tokens made within are on the disk when it ends.

    Raises SettingsError or ConfigurationError as `keys_of` and `opened` do.
    """
    keys = keys_of(settings)
    mode = Mode(settings.mode)
    if mode is Mode.TRUSTED:
        yield Known(keys.name)
    elif mode is Mode.LIMITED and not settings.vault:
        yield Keyed(keys)
    else:
        with opened(settings) as vault:
            yield Tokens(vault) if mode is Mode.SAFE_HARBOR else Keyed(keys, vault)
