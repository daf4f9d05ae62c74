"""
What stands in the place of a person's name: role tags that keep a sentence's grammar, or invented names.

`[PATIENT]`, `[CLINICIAN-1]`, `[RELATIVE-1]`: the same person has the same tag all through a report. An invented name
is the same for the same person in all reports of a project, so that a name that was overlooked drowns among them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from fhir_adapter.deid.identity import Identity
from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import Identifier, IdentifierRole
from fhir_adapter.tables.deidentification import DeidTables
from fhir_adapter.tables.words import WordLists

_TAGS = {IdentifierRole.RELATIVE: "RELATIVE", IdentifierRole.CLINICIAN: "CLINICIAN"}
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True, slots=True)
class Names:
    """Invents names out of the lists; never one that the message itself names."""

    identity: Identity
    lists: WordLists
    taken: frozenset[str]

    @classmethod
    def of(cls, identity: Identity, identifiers: Sequence[Identifier], tables: DeidTables) -> "Names":
        """The inventor for one message."""
        taken = frozenset(word for i in identifiers for word in _WORD.findall(folded(i.value)))
        return cls(identity, tables.words, taken)

    def name(self, person: str, said: str) -> str:
        """The invented name of `person` (a folded name), written as the words `said` are."""
        given, family = (self._chosen(names, f"{part}|{person}")
                         for part, names in zip(("given", "family"), _invented(self.lists), strict=True))
        words = _WORD.findall(said)
        out = family if len(words) < 2 else (f"{family}, {given}" if "," in said else f"{given} {family}")
        return out.upper() if said.isupper() and len(said) > 2 else out

    def _chosen(self, names: tuple[str, ...], key: str) -> str:
        start = int.from_bytes(self.identity.pseudonym("surrogate", key).encode(), "big") % len(names)
        return next(name.capitalize() for name in (*names[start:], *names[:start]) if name not in self.taken)


@lru_cache(maxsize=2)
def _invented(lists: WordLists) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Given and family names that are nothing else: no ordinary word, town or eponym, so that no reader errs."""
    other = lists.ordinary | lists.eponyms | lists.places
    return (tuple(sorted(n for n in lists.census_given - other if len(n) > 3)),
            tuple(sorted(n for n in lists.census_family - other - lists.census_given if len(n) > 3)))


@dataclass(slots=True)
class Surrogates:
    """What was given so far in one report."""

    names: Names | None = None
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    people: dict[tuple[str, int], str] = field(default_factory=dict)
    """By tag and number, the name under which a person was first met."""

    def person(self, role: IdentifierRole, name: str, said: str = "") -> str:
        """What stands for a person, by role and name; family names decide: `Dr. Fnord` is `Blorpton Fnord`.

        `said` is how the text writes the name, if otherwise than `name`.
        """
        tag = "PATIENT" if role is IdentifierRole.PATIENT else _TAGS.get(role, "PERSON")
        tokens = _WORD.findall(folded(name))
        if not tokens or (tag == "PATIENT" and self.names is None):
            return f"[{tag}]"
        key = tokens[0] if "," in name else tokens[-1]
        number = next((self.numbers[tag, t] for t in (key, *tokens) if (tag, t) in self.numbers), 0)
        if not number:
            number = len({n for (t, _), n in self.numbers.items() if t == tag}) + 1
            self.numbers[tag, key] = number
            self.people[tag, number] = key
        return self.names.name(self.people[tag, number], said or name) if self.names else f"[{tag}-{number}]"
