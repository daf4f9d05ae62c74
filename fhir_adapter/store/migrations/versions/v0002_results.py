"""Versions of reports and of the resources that they made."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number, Utc

revision = "0002"
down_revision = "0001"

_CURRENT: dict[str, Any] = {"sqlite_where": sa.text("current"), "postgresql_where": sa.text("current")}


def upgrade() -> None:
    """Make the tables."""
    op.create_table("resource",
        sa.Column("key", Number, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", Utc(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_resource")),
        sa.UniqueConstraint("type", "id", "version", name=op.f("uq_resource_type_id_version")),
        sqlite_autoincrement=True
    )
    op.create_index("ix_resource_current", "resource", ["type", "id"], unique=True, **_CURRENT)
    op.create_index(op.f("ix_resource_report"), "resource", ["report"], unique=False, **_CURRENT)
    op.create_table("report_version",
        sa.Column("key", Number, nullable=False),
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.Column("message", Number, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("issued", sa.String(length=40), nullable=False),
        sa.Column("sent", sa.String(length=40), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.seq"], name=op.f("fk_report_version_message"),
                                ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_report_version")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_report_version_message"), "report_version", ["message"], unique=False)
    op.create_index(op.f("ix_report_version_report"), "report_version", ["report"], unique=True, **_CURRENT)
