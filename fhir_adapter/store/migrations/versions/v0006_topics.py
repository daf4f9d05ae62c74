"""Subscriptions of several manners, and the numbered events of those to topics."""

import json

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number, Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns, carry the search of each subscription over, make the table of events."""
    with op.batch_alter_table("subscription") as table:
        for column in (sa.Column("manner", sa.String(length=10), nullable=False, server_default="resource"),
                       sa.Column("watches", sa.Text(), nullable=False, server_default="[]"),
                       sa.Column("terms", sa.Text(), nullable=False, server_default="{}"),
                       sa.Column("events", Number, nullable=False, server_default="0"),
                       sa.Column("delivered", Number, nullable=False, server_default="0"),
                       sa.Column("heard", Utc(), nullable=True)):
            table.add_column(column)
    connection = op.get_bind()
    for name, kind, query in connection.execute(sa.text("SELECT id, kind, query FROM subscription")).all():
        connection.execute(sa.text("UPDATE subscription SET watches = :watches WHERE id = :id"),
                           {"watches": json.dumps([[kind, query]]), "id": name})
    with op.batch_alter_table("subscription") as table:
        for name in ("kind", "query"):
            table.drop_column(name)
        for name in ("manner", "watches", "terms", "events", "delivered"):
            table.alter_column(name, server_default=None)
    op.create_table("subscription_event",
        sa.Column("subscription", sa.String(length=36), nullable=False),
        sa.Column("number", Number, autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("noted", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["subscription"], ["subscription.id"], ondelete="CASCADE",
                                name=op.f("fk_subscription_event_subscription")),
        sa.PrimaryKeyConstraint("subscription", "number", name=op.f("pk_subscription_event"))
    )
