"""
A message's life on two axes, each state with its sentence.

Processing and acknowledgement are apart, so that "processed, but the sender was not told" is a state of its own and
not a failure. Retry looks at the code of what went wrong, never at the state.
"""

from enum import StrEnum


class State(StrEnum):
    """How far processing came."""

    RECEIVED = "received"
    PROCESSED = "processed"
    DELIVERED = "delivered"
    WAITING = "waiting"
    REJECTED = "rejected"
    FAILED = "failed"
    FILTERED = "filtered"

    @property
    def sentence(self) -> str:
        """What it means, for a person."""
        return _STATES[self]

    @property
    def settled(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in (State.RECEIVED, State.WAITING)


class Acknowledgement(StrEnum):
    """Whether the sender knows."""

    PENDING = "pending"
    SENT = "sent"
    UNSENT = "unsent"
    NOT_OWED = "not owed"

    @property
    def sentence(self) -> str:
        """What it means, for a person."""
        return _ACKNOWLEDGEMENTS[self]


_STATES = {
    State.RECEIVED: "On disk; will be processed.",
    State.PROCESSED: "Its insights are in the store.",
    State.DELIVERED: "Its insights are in the store and with every receiver.",
    State.WAITING: "Will be tried again by itself.",
    State.REJECTED: "The message itself is wrong; trying again never helps.",
    State.FAILED: "We could not process it; trying again may help.",
    State.FILTERED: "Left alone on purpose.",
}
_ACKNOWLEDGEMENTS = {
    Acknowledgement.PENDING: "The sender waits for the answer.",
    Acknowledgement.SENT: "The answer was written to the sender.",
    Acknowledgement.UNSENT: "The sender was gone before the answer could be written; it will ask again.",
    Acknowledgement.NOT_OWED: "The sender wants no answer.",
}
