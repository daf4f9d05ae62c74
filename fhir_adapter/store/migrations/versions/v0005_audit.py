"""Who looked at what."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number, Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table("audit",
        sa.Column("key", Number, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("object", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_audit")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_audit_object"), "audit", ["object"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
