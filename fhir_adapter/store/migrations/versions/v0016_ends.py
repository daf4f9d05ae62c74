"""When a subscription is to be turned off (Subscription.end)."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Utc

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column."""
    op.add_column("subscription", sa.Column("ends", Utc, nullable=True))
