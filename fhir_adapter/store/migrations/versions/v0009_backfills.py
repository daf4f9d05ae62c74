"""How far a backfill came, and which of its files a message is from."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table("backfill_place",
        sa.Column("backfill", sa.String(length=100), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("messages", Number, nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("backfill", "file", name=op.f("pk_backfill_place"))
    )
    op.add_column("message", sa.Column("origin", sa.String(length=500), nullable=False, server_default=sa.text("''")))
    op.create_index(op.f("ix_message_origin"), "message", ["origin"], unique=False,
                    sqlite_where=sa.text("origin <> ''"), postgresql_where=sa.text("origin <> ''"))
