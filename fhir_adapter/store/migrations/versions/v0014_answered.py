"""What a recommended follow-up asks for, and which later examination answers it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_INDEXES = {
    "ix_insight_fact_kind_received_wanted_due_until_answered_on":
        ["kind", "received", "wanted", "due_until", "answered_on"],
    "ix_insight_fact_kind_answered_on": ["kind", "answered_on"],
}


def upgrade() -> None:
    """Make the columns. What was recommended before is answered by nothing until its report is processed again."""
    with op.batch_alter_table("insight_fact") as table:
        for name, size in (("wanted", 16), ("answered", 64)):
            table.add_column(sa.Column(name, sa.String(length=size), nullable=False, server_default=""))
        for name in ("counts_from", "answered_on"):
            table.add_column(sa.Column(name, sa.Date(), nullable=True))
    with op.batch_alter_table("insight_fact") as table:
        for name in ("wanted", "answered"):
            table.alter_column(name, server_default=None)
    for name, columns in _INDEXES.items():
        op.create_index(name, "insight_fact", columns)
