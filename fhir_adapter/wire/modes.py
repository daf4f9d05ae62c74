"""
Which acknowledgements a message asks for (HL7 v2 chapter 2.9: original and enhanced mode, table 0155).

Neither MSH-15 nor MSH-16 valued is original mode: one application acknowledgement at once. Otherwise MSH-15 says when
an accept acknowledgement is owed (CA, CE, CR) and MSH-16 when an application acknowledgement is (AA, AE, AR, in a
message of its own). An acknowledgement is never acknowledged.
"""

from dataclasses import dataclass

from fhir_adapter.wire.er7 import Message

_ON_SUCCESS = {"AL", "SU"}
_ON_TROUBLE = {"AL", "ER"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What the sender wants to hear; `accept` and `application` are codes of table 0155, empty in original mode."""

    accept: str = ""
    application: str = ""

    @property
    def original(self) -> bool:
        """Whether the sender speaks original mode."""
        return not self.accept and not self.application

    def accepts(self, *, well: bool) -> bool:
        """Whether an accept acknowledgement is owed; an unknown code asks for one."""
        return not self.original and _wants(self.accept or "NE", well=well)

    def applies(self, *, well: bool) -> bool:
        """Whether an application acknowledgement is owed."""
        return self.original or _wants(self.application or "NE", well=well)


def _wants(condition: str, *, well: bool) -> bool:
    if condition == "NE":
        return False
    return condition in (_ON_SUCCESS if well else _ON_TROUBLE) or condition not in ("AL", "SU", "ER")


def owed(message: Message) -> Owed:
    """What MSH-15 and MSH-16 ask for."""
    header = message.header
    return Owed(accept=header.value(15).upper(), application=header.value(16).upper())


def is_acknowledgement(message: Message) -> bool:
    """Whether the message itself answers one: message code ACK, or an MSA where MSH-9 names nothing."""
    kind = message.header.value(9)
    return kind == "ACK" or (not kind and message.first("MSA") is not None)
