"""Who wants to hear of what, and what was set aside."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number, Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table("subscription",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("payload", sa.String(length=100), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("cursor", Number, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("due", Utc(), nullable=True),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription"))
    )
    op.create_table("dead_letter",
        sa.Column("key", Number, nullable=False),
        sa.Column("subscription", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("noted", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["subscription"], ["subscription.id"], name=op.f("fk_dead_letter_subscription"),
                                ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dead_letter"))
    )
    op.create_index(op.f("ix_dead_letter_subscription"), "dead_letter", ["subscription"], unique=False)
