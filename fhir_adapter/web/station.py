"""What one web process holds: the loaded adapter, and the store opened when the first message comes."""

from dataclasses import dataclass, field
from threading import Lock

from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.intake import Intake, open_intake


@dataclass(slots=True)
class Station:
    """Shared by all requests of a process. A store is not opened before the process forked, so it opens late."""

    adapter: Adapter
    _intake: Intake | None = None
    _lock: Lock = field(default_factory=Lock)

    @property
    def intake(self) -> Intake:
        """The open store; raises StoreError where it cannot be opened."""
        with self._lock:
            if self._intake is None:
                self._intake = open_intake(self.adapter.settings, self.adapter.tables)
            return self._intake
