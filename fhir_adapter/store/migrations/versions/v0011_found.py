"""What messages are found and counted by, in one index, so that no payload is read for it."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_message_found", "message", ["state", "code", "received", "modality", "channel",
                                                    "acknowledgement", "sender", "kind", "control_id", "lane"],
                    unique=False)
