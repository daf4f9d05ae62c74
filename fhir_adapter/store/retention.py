"""What is kept how long: raw messages by state, and finally the messages themselves. Results stay."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, or_, select, update

from fhir_adapter.store.schema import message, report_version
from fhir_adapter.store.states import State


def forget(connection: Connection, *, now: datetime, contents: Mapping[State, timedelta], rows: timedelta) -> int:
    """
    Drop the raw bytes of messages that have been settled in a state for longer than `contents` says, and whole
    messages that have been settled for longer than `rows`; how many lost something. One that is not settled is kept.
    """
    over = or_(*(and_(message.c.state == state.value, message.c.settled < now - kept)
                 for state, kept in contents.items() if state.settled))
    emptied = connection.execute(update(message).where(over, message.c.payload.is_not(None))
                                 .values(payload=None, answer=None, later=None, holds=None))
    # A message that the current picture of a report comes from stays as a row, so that lineage can be told.
    shown = select(report_version.c.message).where(report_version.c.current)
    gone = connection.execute(delete(message).where(message.c.settled < now - rows, message.c.seq.not_in(shown)))
    return emptied.rowcount + gone.rowcount
