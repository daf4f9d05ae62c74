"""By what current resources are found."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table("lookup",
        sa.Column("key", Number, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("parameter", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=500), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_lookup"))
    )
    op.create_index("ix_lookup_low", "lookup", ["type", "parameter", "low"], unique=False)
    op.create_index("ix_lookup_of", "lookup", ["type", "id", "parameter"], unique=False)
    op.create_index("ix_lookup_value", "lookup", ["type", "parameter", "value"], unique=False)
