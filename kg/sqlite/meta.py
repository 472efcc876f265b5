"""What the graph remembers of itself: its identifier, its embedding model, its stages' marks."""

import sqlite3
from typing import Any


def meta(connection: sqlite3.Connection, name: str) -> Any:
    """Return what is remembered under a name, None where nothing is; SQLite gives no type."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def set_meta(connection: sqlite3.Connection, name: str, value: str | int) -> None:
    """Remember a value under a name."""
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))
