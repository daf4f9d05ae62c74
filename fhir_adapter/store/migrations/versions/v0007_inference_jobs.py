"""Answers of the Radiology Insights API, for a day."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Utc

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table("inference_job",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("expires", Utc(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "id", name=op.f("pk_inference_job"))
    )
    op.create_index(op.f("ix_inference_job_expires"), "inference_job", ["expires"], unique=False)
