"""FHIR servers that reports come from."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number, Utc

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables."""
    op.create_table("source",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("due", Utc(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source"))
    )
    op.create_table("source_subscription",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("subscription", sa.String(length=64), nullable=False),
        sa.Column("events", Number, nullable=False),
        sa.Column("missing", Number, nullable=False),
        sa.PrimaryKeyConstraint("source", "subscription", name=op.f("pk_source_subscription"))
    )
    op.create_table("source_report",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("noted", Utc(), nullable=False),
        sa.Column("due", Utc(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_source_report"))
    )
    op.create_index(op.f("ix_source_report_source_wanted"), "source_report", ["source", "wanted"], unique=False)
