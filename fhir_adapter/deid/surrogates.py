"""
What stands in the place of what was taken out: role tags that keep a sentence's grammar.

`[PATIENT]`, `[CLINICIAN-1]`, `[RELATIVE-1]`: the same person has the same tag all through a report.
"""

import re
from dataclasses import dataclass, field

from fhir_adapter.deid.words import folded
from fhir_adapter.model.report import IdentifierRole

_TAGS = {IdentifierRole.RELATIVE: "RELATIVE", IdentifierRole.CLINICIAN: "CLINICIAN"}


@dataclass(slots=True)
class Surrogates:
    """The tags given so far in one report."""

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def person(self, role: IdentifierRole, name: str) -> str:
        """The tag of a person, by role and name; family names decide, so that `Dr. Fnord` is `Blorpton Fnord`."""
        if role is IdentifierRole.PATIENT:
            return "[PATIENT]"
        tag = _TAGS.get(role, "PERSON")
        tokens = re.findall(r"\w{2,}", folded(name))
        if not tokens:
            return f"[{tag}]"
        key = tokens[0] if "," in name else tokens[-1]
        for token in (key, *tokens):
            if (tag, token) in self.numbers:
                return f"[{tag}-{self.numbers[(tag, token)]}]"
        number = len({n for (t, _), n in self.numbers.items() if t == tag}) + 1
        self.numbers[(tag, key)] = number
        return f"[{tag}-{number}]"
