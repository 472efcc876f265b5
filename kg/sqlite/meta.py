"""What the graph remembers of itself: its identifier, its embedding model, its stages' marks."""

import sqlite3
from typing import Any, Final, LiteralString

LAST: Final = "last_key."


def meta(connection: sqlite3.Connection, name: str) -> Any:
    """Return what is remembered under a name, None where nothing is; SQLite gives no type."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def last_key(connection: sqlite3.Connection, table: LiteralString) -> int:
    """Return the greatest key that a table's rows have, or had before they were deleted.

    Who sees an older state, with an index that has seen a later one, would take a key that is used
    again for the node that had it.
    """
    (last,) = connection.execute(f"SELECT max(key) FROM {table}").fetchone()
    return max(last or 0, meta(connection, f"{LAST}{table}") or 0)


def keep_last_key(connection: sqlite3.Connection, table: LiteralString) -> None:
    """Remember the greatest key of a table, before rows of it are deleted."""
    set_meta(connection, f"{LAST}{table}", last_key(connection, table))


def set_meta(connection: sqlite3.Connection, name: str, value: str | int) -> None:
    """Remember a value under a name."""
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))
