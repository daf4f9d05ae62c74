"""The same report always gives the same ids, so that sending it again replaces and never duplicates."""

from hashlib import sha1
from uuid import NAMESPACE_URL, uuid5

from fhir_adapter.emitters.elements import BASE

_NAMESPACE = sha1(uuid5(NAMESPACE_URL, BASE).bytes, usedforsecurity=False)

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def identity(*names: str) -> str:
    """UUIDv5 (RFC 4122, 4.3) of names such as a report's pseudonym, a kind and a subject."""
    hashed = _NAMESPACE.copy()
    hashed.update("|".join(names).encode())
    name = hashed.hexdigest()
    return f"{name[:8]}-{name[8:12]}-5{name[13:16]}-{_VARIANT[name[16]]}{name[17:20]}-{name[20:32]}"


class Ordinals:
    """Numbers things of one name within a report, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, ...], int] = {}

    def identity(self, *names: str) -> str:
        """An id for the next thing of these names."""
        self._counts[names] = self._counts.get(names, 0) + 1
        return identity(*names, str(self._counts[names]))
