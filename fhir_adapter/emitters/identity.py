"""The same report always gives the same ids, so that sending it again replaces and never duplicates."""

from uuid import NAMESPACE_URL, UUID, uuid5

from fhir_adapter.emitters.elements import BASE

_NAMESPACE: UUID = uuid5(NAMESPACE_URL, BASE)


def identity(*names: str) -> str:
    """UUIDv5 (RFC 4122, 4.3) of names such as a report's pseudonym, a kind and a subject."""
    return str(uuid5(_NAMESPACE, "|".join(names)))


class Ordinals:
    """Numbers things of one name within a report, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, ...], int] = {}

    def identity(self, *names: str) -> str:
        """An id for the next thing of these names."""
        self._counts[names] = self._counts.get(names, 0) + 1
        return identity(*names, str(self._counts[names]))
