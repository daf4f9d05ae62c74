"""
The tables. `migrations/` makes them; a test asserts that both say the same.

Times are UTC. Raw messages rest in `message.payload` as they came, because nothing may be lost: the files are the
owner's alone (mode 0600), and what leaves the store is for the layers above to judge.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from fhir_adapter.model.insight import Kind

METADATA = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})

AnyRow = Row[*tuple[Any, ...]]
"""A row of a query; its columns are known by their names."""

Number = BigInteger().with_variant(Integer, "sqlite")
"""A running number: SQLite counts by itself only in INTEGER columns."""


class Utc(TypeDecorator[datetime]):
    """An aware time; SQLite, which knows no offsets, keeps it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Refuse naive times; a naive time is a fault of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, _: Dialect) -> datetime | None:
        """Give the offset back."""
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


message = Table(
    "message", METADATA,
    Column("seq", Number, primary_key=True),  # Order of arrival
    Column("id", String(36), nullable=False, unique=True),
    Column("received", Utc, nullable=False),
    Column("channel", String(20), nullable=False),  # mllp, http, file, subscription, edit
    Column("node", String(100), nullable=False),  # Which machine took it
    Column("sender", String(500), nullable=False),  # MSH-3|MSH-4, or the FHIR source
    Column("control_id", String(200), nullable=False),  # MSH-10, or the Bundle's identifier
    Column("holds", String(64), unique=True),  # Digest of sender and control id, while it counts
    Column("digest", String(64), nullable=False),  # SHA-256 of the payload
    Column("format", String(20), nullable=False),
    Column("kind", String(50), nullable=False),  # ORU^R01, Bundle
    Column("modality", String(16), nullable=False),
    Column("lane", String(32), nullable=False),  # Keyed pseudonym of the patient; a lane is processed in order
    Column("state", String(10), nullable=False),
    Column("code", String(10), nullable=False),  # Why it is in this state
    Column("place", String(200), nullable=False),  # Where in the message
    Column("acknowledgement", String(10), nullable=False),
    Column("answer_code", String(2), nullable=False),  # MSA-1 of the first answer
    Column("answer", LargeBinary),  # The first answer, given again when the message is repeated
    Column("later_code", String(2), nullable=False),  # MSA-1 of the application answer of enhanced mode
    Column("later", LargeBinary),  # The application answer of enhanced mode
    Column("attempts", Integer, nullable=False),
    Column("due", Utc),  # When to try again
    Column("settled", Utc),  # When it came into this state for good
    Column("edited_from", String(36)),
    Column("replaced_by", String(36)),  # The edited or newer message that took its place
    Column("payload", LargeBinary),  # As it came; empty when its time of keeping is over
    Column("origin", String(500), nullable=False, server_default=text("''")),  # Backfill/file#number
    Index(None, "state", "seq"),
    Index(None, "control_id"),
    Index(None, "received"),
    Index(None, "lane", "seq"),
    # All that messages are found and counted by: a scan of it reads no payload.
    Index("ix_message_found", "state", "code", "received", "modality", "channel", "acknowledgement", "sender", "kind",
          "control_id", "lane"),
    Index(None, "origin", sqlite_where=text("origin <> ''"), postgresql_where=text("origin <> ''")),
    sqlite_autoincrement=True,
)

backfill_place = Table(
    "backfill_place", METADATA,
    Column("backfill", String(100), primary_key=True),
    Column("file", String(64), primary_key=True),  # digest of its name; a name may be a person's
    Column("messages", Number, nullable=False),  # so many of it were taken
    Column("finished", Boolean, nullable=False),
)

issue = Table(
    "issue", METADATA,
    Column("message", Number, ForeignKey("message.seq", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("code", String(10), nullable=False, index=True),
    Column("severity", String(12), nullable=False),
    Column("place", Text, nullable=False),
)

report_version = Table(
    "report_version", METADATA,
    Column("key", Number, primary_key=True),
    Column("report", String(64), nullable=False),  # id of the DiagnosticReport: the same over all versions
    Column("message", Number, ForeignKey("message.seq", ondelete="CASCADE"), nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("issued", String(40), nullable=False),  # as the message says: an ISO date or time, or empty
    Column("sent", String(40), nullable=False),
    Column("current", Boolean, nullable=False),
    Index(None, "report", unique=True, sqlite_where=text("current = 1"), postgresql_where=text("current")),
    sqlite_autoincrement=True,
)

resource = Table(
    "resource", METADATA,
    Column("key", Number, primary_key=True),  # order of change over all resources
    Column("type", String(40), nullable=False),
    Column("id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated", Utc, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("report", String(64), nullable=False),  # the report whose version made this one
    Column("digest", String(64), nullable=False),
    Column("content", Text, nullable=False),  # JSON without meta.versionId and meta.lastUpdated
    UniqueConstraint("type", "id", "version"),
    Index("ix_resource_current", "type", "id", unique=True, sqlite_where=text("current = 1"),
          postgresql_where=text("current")),
    Index(None, "report", sqlite_where=text("current = 1"), postgresql_where=text("current")),
    sqlite_autoincrement=True,
)

lookup = Table(
    "lookup", METADATA,
    Column("resource", Number, nullable=False),  # key of the current version of a resource
    Column("element", Integer, nullable=False),  # number of the element that the value stands in
    Column("system", String(500), nullable=False),
    Column("value", String(500), nullable=False),
    Column("low", Double),
    Column("high", Double),
    Index("ix_lookup_of", "resource", "element"),
    Index("ix_lookup_value", "element", "value", "low"),
)

subscription = Table(
    "subscription", METADATA,
    Column("id", String(36), primary_key=True),
    Column("created", Utc, nullable=False),
    Column("status", String(10), nullable=False),  # requested, active, error, off
    Column("manner", String(10), nullable=False),  # resource (R4 rest-hook), topic (R5 Backport), push (operator's)
    Column("watches", Text, nullable=False),  # JSON list of [type, query]: what is told of
    Column("terms", Text, nullable=False),  # JSON: the topic and what else a topic's subscriber asked for
    Column("endpoint", Text, nullable=False),
    Column("payload", String(100), nullable=False),
    Column("headers", Text, nullable=False),  # JSON list; may hold a secret of the subscriber's
    Column("cursor", Number, nullable=False),  # the last change that was delivered, set aside or made an event
    Column("events", Number, nullable=False),  # the number of the last event of a topic's subscription
    Column("delivered", Number, nullable=False),  # the last event that was delivered or set aside
    Column("heard", Utc),  # when the subscriber last took something
    Column("failures", Integer, nullable=False),  # in a row
    Column("refusals", Integer, nullable=False),  # in a row
    Column("due", Utc),
    Column("ends", Utc),  # when it is to be turned off
    Column("code", String(10), nullable=False),
    Column("content", Text, nullable=False),
)

subscription_event = Table(
    "subscription_event", METADATA,
    Column("subscription", String(36), ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("type", String(40), nullable=False),
    Column("id", String(64), nullable=False),
    Column("noted", Utc, nullable=False),
)

dead_letter = Table(
    "dead_letter", METADATA,
    Column("key", Number, primary_key=True),
    Column("subscription", String(36), ForeignKey("subscription.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("type", String(40), nullable=False),
    Column("id", String(64), nullable=False),
    Column("code", String(10), nullable=False),
    Column("noted", Utc, nullable=False),
)

audit = Table(
    "audit", METADATA,
    Column("key", Number, primary_key=True),
    Column("at", Utc, nullable=False, index=True),
    Column("actor", String(200), nullable=False),
    Column("action", String(20), nullable=False),
    Column("object", String(100), nullable=False, index=True),  # id of a message, or Type/id of a resource
    sqlite_autoincrement=True,
)

inference_job = Table(
    "inference_job", METADATA,
    Column("owner", String(32), primary_key=True),  # Keyed pseudonym of the key that made it
    Column("id", String(36), primary_key=True),  # The client's
    Column("digest", String(32), nullable=False),  # Keyed pseudonym of the request
    Column("created", Utc, nullable=False),
    Column("expires", Utc, nullable=False, index=True),
    Column("content", Text, nullable=False),  # JSON as it is answered: ids, places and dates of the sender
)

source = Table(
    "source", METADATA,
    Column("name", String(40), primary_key=True),
    Column("since", Utc, nullable=False),  # everything that changed there before is known
    Column("due", Utc),  # when to look again; at once where it is empty
    Column("failures", Integer, nullable=False),  # in a row
    Column("code", String(10), nullable=False),
)

source_subscription = Table(
    "source_subscription", METADATA,
    Column("source", String(40), primary_key=True),
    Column("subscription", String(64), primary_key=True),  # its id at the source
    Column("events", Number, nullable=False),  # the last event that was heard of
    Column("missing", Number, nullable=False),  # from which event on it is to be asked again; 0 is none
)

source_report = Table(
    "source_report", METADATA,
    Column("source", String(40), primary_key=True),
    Column("id", String(64), primary_key=True),  # of the DiagnosticReport at the source
    Column("version", String(64), nullable=False),  # the last that was taken
    Column("wanted", Integer, nullable=False),  # how often it was asked for since it was fetched
    Column("noted", Utc, nullable=False),
    Column("due", Utc),
    Column("failures", Integer, nullable=False),
    Column("code", String(10), nullable=False),
    Index(None, "source", "wanted"),
)

report_fact = Table(
    "report_fact", METADATA,
    Column("report", String(64), primary_key=True),  # id of the DiagnosticReport
    Column("message", String(36), nullable=False),
    Column("patient", String(64), nullable=False, index=True),  # id of the pseudonymous Patient
    Column("title", String(200), nullable=False),
    Column("modality", String(16), nullable=False),
    Column("sender", String(200), nullable=False),
    Column("reader", String(40), nullable=False),  # a pseudonym
    Column("examined", Utc),
    Column("received", Utc, nullable=False),
    Column("week", String(10), nullable=False),  # the Monday of `received`
    Column("turnaround", Integer),  # minutes from the examination to the report
    Column("communicated", Integer),  # minutes from the examination to the first communication
    # How many insights of each kind: statistics over many reports read this one table
    *(Column(kind.name.lower(), Integer, nullable=False) for kind in Kind),
    # Read in the order in which they are counted, so that no page sorts a year of reports
    Index("ix_report_fact_counted", "week", "modality", "sender", "reader", "communicated",
          *(kind.name.lower() for kind in Kind)),
    Index("ix_report_fact_turnaround", "week", "turnaround"),
    Index("ix_report_fact_communicated", "week", "communicated"),
)

insight_fact = Table(
    "insight_fact", METADATA,
    Column("type", String(40), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("report", String(64), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("statement", Text, nullable=False),
    Column("about", String(200), nullable=False),
    Column("value", String(100), nullable=False),
    Column("urgency", String(10), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("confidence", Double),
    Column("due_from", Date),
    Column("due_until", Date),
    # Of a recommended follow-up: the modality that it asks for, from when on a later examination counts for it, and
    # the first one of the patient that does
    Column("wanted", String(16), nullable=False),
    Column("counts_from", Date),
    Column("answered", String(64), nullable=False),  # id of its DiagnosticReport
    Column("answered_on", Date),
    Column("received", Utc, nullable=False),  # of its report
    Index(None, "kind", "due_until"),
    Index(None, "kind", "received", "about", "value"),
    Index(None, "kind", "received", "wanted", "due_until", "answered_on"),
    Index(None, "kind", "answered_on"),
)

decision = Table(
    "decision", METADATA,
    Column("key", Number, primary_key=True),
    Column("type", String(40), nullable=False),
    Column("id", String(64), nullable=False),
    Column("report", String(64), nullable=False),
    Column("message", String(36), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("modality", String(16), nullable=False),
    Column("decision", String(10), nullable=False),  # accepted, rejected, done, reopened
    Column("reason", String(500), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("at", Utc, nullable=False, index=True),
    Index(None, "type", "id", "key"),
    sqlite_autoincrement=True,
)
