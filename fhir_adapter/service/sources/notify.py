"""Take a notification: put down what it names, and see by its number whether others were missed."""

from datetime import UTC, datetime

from fhir_adapter.service.sources.notified import understood
from fhir_adapter.store import sources
from fhir_adapter.store.database import Database


def notify(database: Database, name: str, payload: bytes) -> int:
    """
    When this returns, what the notification names is on disk; how many reports are now to be fetched for it.

    Raises UnreadableMessage for what is no FHIR JSON, StoreError where nothing could be kept.
    """
    told, now = understood(payload), datetime.now(UTC)
    with database.writing() as connection:
        sources.begin(connection, name, now)
        for report in told.reports:
            sources.want(connection, name, report, now)
        look = told.look
        if told.subscription:
            before = sources.heard(connection, name, told.subscription, told.events)
            expected = (told.first - 1) if told.first else told.events
            if before >= 0 and expected > before:
                sources.missed(connection, name, told.subscription, before + 1)
                look = True
        if look:
            sources.change(connection, name, {"due": None})
    return len(told.reports)
