"""Many rows of one table in one statement, past the machinery that a single row may pay for."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table


def insert_rows(connection: Connection, table: Table, columns: Sequence[str],
                rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows whose values the driver takes as they are: text, numbers, None."""
    if not rows:
        return
    into = f"INSERT INTO {table.name} ({', '.join(columns)})"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"{into} VALUES ({', '.join('?' * len(columns))})", list(rows))
        return
    # One array a column: the server plans once and no row is a message of its own.
    arrays = ", ".join(f"%s::{table.c[name].type.compile(connection.dialect)}[]" for name in columns)
    connection.exec_driver_sql(f"{into} SELECT * FROM unnest({arrays})",  # noqa: S608 - names of our own schema
                               tuple(list(column) for column in zip(*rows, strict=True)))
