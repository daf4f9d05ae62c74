"""
The elements of a request, each read in the form that it must have.

What is wrong is collected with its place, so that a client hears of everything at once; a place is made of the
contract's own names and numbers, never of what was sent.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any, TypeVar

from fhir_adapter.issues import Issue
from fhir_adapter.model.report import Moment

T = TypeVar("T")
_LONE = re.compile("[\ud800-\udfff]")
"""Halves of characters, which JSON can write and nothing can encode."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value of the JSON and where it stands, as in `jobData.patients[0].id`. A null is no value."""

    value: Any = field(repr=False)
    path: str
    issues: list[Issue] = field(repr=False)

    def __getitem__(self, name: str) -> "Element":
        path = f"{self.path}.{name}" if self.path else name
        if isinstance(self.value, dict):
            return Element(self.value.get(name), path, self.issues)
        return Element(None, path, [])  # what is missing is noted once, not again for all that it should hold

    @property
    def there(self) -> bool:
        """Whether it has a value."""
        return self.value is not None

    def wrong(self, code: str) -> None:
        """Note that this element breaks the rule of `code`."""
        self.issues.append(Issue.at(code, self.path))

    def required(self) -> "Element":
        """Itself; noted if it has no value."""
        if not self.there:
            self.wrong("API-901")
        return self

    def record(self) -> "Element":
        """Itself; noted if it is no object."""
        return self._of(dict)

    def items(self) -> Iterator["Element"]:
        """The elements of a list, none where there is none."""
        if self._of(list).there and isinstance(self.value, list):
            for number, item in enumerate(self.value):
                yield Element(item, f"{self.path}[{number}]", self.issues)

    def text(self) -> str:
        """A string of characters that text can hold; empty where there is none."""
        self._of(str)
        if not isinstance(self.value, str):
            return ""
        if _LONE.search(self.value):
            self.wrong("API-902")
            return ""
        return self.value

    def flag(self, *, default: bool = False) -> bool:
        """A boolean."""
        self._of(bool)
        return self.value if isinstance(self.value, bool) else default

    def choice(self, allowed: Collection[str], *, fold: bool = False) -> str:
        """One of the values of the contract, empty where there is none; `fold` ignores case."""
        found = self.text()
        known = {one.lower() if fold else one for one in allowed}
        if found and (found.lower() if fold else found) not in known:
            self.wrong("API-903")
            return ""
        return found

    def moment(self, zone: tzinfo = UTC) -> Moment | None:
        """A date-time (RFC 3339), in `zone` where it has no offset, or a date."""
        return self._parsed(lambda words: _moment(words, zone))

    def day(self) -> date | None:
        """A date."""
        return self._parsed(date.fromisoformat)

    def _parsed(self, read: Callable[[str], T]) -> T | None:
        words = self.text().strip()
        if not words:
            return None
        try:
            return read(words)
        except ValueError:
            self.wrong("API-902")
            return None

    def _of(self, kind: type) -> "Element":
        if self.there and not isinstance(self.value, kind):
            self.wrong("API-902")
        return self


def _moment(words: str, zone: tzinfo) -> Moment:
    if len(words) <= len("YYYY-MM-DD"):
        return date.fromisoformat(words)
    found = datetime.fromisoformat(words)
    return found if found.tzinfo else found.replace(tzinfo=zone)
