"""What is sent at once, and what is noted of the subscriber then."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fhir_adapter.service.results import Results
from fhir_adapter.settings import Settings
from fhir_adapter.store.schema import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """
    `send` sends it or raises a DeliveryError. `taken` is noted when it was taken, or set aside because it was refused;
    `changes` are what is set aside then. A parcel without changes that is refused notes `refused` and is not repeated.
    """

    send: Callable[[], None]
    taken: Mapping[str, object]
    changes: tuple[AnyRow, ...] = ()
    refused: Mapping[str, object] = field(default_factory=dict)


class Manner(Protocol):
    """How one kind of subscriber is told."""

    def waiting(self, row: AnyRow, newest: int) -> bool:
        """Whether there may be something to send, given the number of the newest change of all."""

    def parcels(self, row: AnyRow, newest: int) -> tuple[Sequence[Parcel], int]:
        """The next parcels in their order, and the change up to which nothing is left but them."""

    def again(self, row: AnyRow, change: AnyRow) -> None:
        """Send one change that was set aside. Raises a DeliveryError."""


@dataclass(frozen=True, slots=True)
class Office:
    """What every manner needs."""

    results: Results
    settings: Settings
