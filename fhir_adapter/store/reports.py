"""The reports of one message with their resources, and the versions that there are of them."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from fhir_adapter.store.schema import AnyRow, message, report_version, resource


def of_message(connection: Connection, seq: int) -> Sequence[AnyRow]:
    """The versions of reports that a message brought: report, status, current."""
    c = report_version.c
    return connection.execute(select(c.report, c.status, c.current).where(c.message == seq).order_by(c.key)).all()


def versions(connection: Connection, report: str) -> Sequence[AnyRow]:
    """All versions of a report in the order of their arrival: status, current, and id and time of their message."""
    c = report_version.c
    return connection.execute(
        select(c.status, c.current, message.c.id, message.c.received).join(message, message.c.seq == c.message)
        .where(c.report == report).order_by(c.key)).all()


def resources(connection: Connection, report: str) -> Sequence[AnyRow]:
    """The current resources that a report made, in the order in which they were made."""
    return connection.execute(select(resource).where(resource.c.report == report, resource.c.current)
                              .order_by(resource.c.key)).all()
