"""The five delimiters of a message, as MSH-1 and MSH-2 name them (HL7 v2 chapter 2.5.4)."""

from dataclasses import dataclass

from fhir_adapter.errors import UnreadableMessage
from fhir_adapter.issues import Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimiters:
    """Single characters; escape, subcomponent and truncation may be empty where MSH-2 is shorter."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @classmethod
    def of(cls, header: str) -> "Delimiters":
        """The delimiters that an MSH segment names; an UnreadableMessage (HL7-102) if they clash or are missing."""
        if len(header) < 6:
            raise UnreadableMessage(Issue.at("HL7-102", "MSH-2"))
        field = header[3]
        named = header[4:].split(field, 1)[0]
        characters = [field, *named]
        if not 1 <= len(named) <= 5 or len(set(characters)) != len(characters) or any(
            c.isalnum() or c.isspace() for c in characters
        ):
            raise UnreadableMessage(Issue.at("HL7-102", "MSH-2"))
        padded = (*named, "", "", "", "")
        return cls(field=field, component=padded[0], repetition=padded[1], escape=padded[2], subcomponent=padded[3],
                   truncation=padded[4])
