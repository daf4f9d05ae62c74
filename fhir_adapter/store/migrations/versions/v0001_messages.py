"""Messages and what is wrong with them."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table("message",
        sa.Column("seq", Number, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("received", Utc(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("node", sa.String(length=100), nullable=False),
        sa.Column("sender", sa.String(length=500), nullable=False),
        sa.Column("control_id", sa.String(length=200), nullable=False),
        sa.Column("holds", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("modality", sa.String(length=16), nullable=False),
        sa.Column("lane", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("acknowledgement", sa.String(length=10), nullable=False),
        sa.Column("answer_code", sa.String(length=2), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("later_code", sa.String(length=2), nullable=False),
        sa.Column("later", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", Utc(), nullable=True),
        sa.Column("settled", Utc(), nullable=True),
        sa.Column("edited_from", sa.String(length=36), nullable=True),
        sa.Column("replaced_by", sa.String(length=36), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_message")),
        sa.UniqueConstraint("holds", name=op.f("uq_message_holds")),
        sa.UniqueConstraint("id", name=op.f("uq_message_id")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_message_control_id"), "message", ["control_id"], unique=False)
    op.create_index(op.f("ix_message_lane_seq"), "message", ["lane", "seq"], unique=False)
    op.create_index(op.f("ix_message_received"), "message", ["received"], unique=False)
    op.create_index(op.f("ix_message_state_seq"), "message", ["state", "seq"], unique=False)
    op.create_table("issue",
        sa.Column("message", Number, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("severity", sa.String(length=12), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.seq"], name=op.f("fk_issue_message"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "ordinal", name=op.f("pk_issue"))
    )
    op.create_index(op.f("ix_issue_code"), "issue", ["code"], unique=False)
