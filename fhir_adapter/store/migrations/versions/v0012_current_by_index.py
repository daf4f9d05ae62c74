"""Indexes of what is current in the words in which it is asked for: SQLite uses a partial index for no others."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the indexes anew, on SQLite."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for name, table, columns, unique in (("ix_report_version_report", "report_version", ["report"], True),
                                         ("ix_resource_current", "resource", ["type", "id"], True),
                                         ("ix_resource_report", "resource", ["report"], False)):
        op.drop_index(name, table)
        op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text("current = 1"))
