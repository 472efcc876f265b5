"""The ids that were read: a graph has one text for each, so a second is to be told at once."""

import sqlite3
from typing import Final

from schema.errors import StoreFullError
from schema.records import Record

MAKE: Final = "CREATE TABLE post (id INTEGER PRIMARY KEY, text INTEGER, line INTEGER)"
SEE: Final = "INSERT OR IGNORE INTO post VALUES (?, ?, ?)"
FIRST: Final = "SELECT text, line FROM post WHERE id = ?"


class Seen:
    """Hashes of ids and texts, 64 bits of each: some 25 bytes a post, in a file without a name.

    Memory is bounded by SQLite's cache of 2 MB. Of 10 million posts, the chance that one is taken
    for another is 3e-6. Its calls block, and come one after the other, from any thread.
    """

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute(MAKE)
        self._connection.execute("BEGIN")  # never ended: the file goes with the connection

    def with_other_text(self, record: Record, line: int) -> int | None:
        """Return the first line that has the id with another text, None where there is none.

        Raises:
            StoreFullError: The temporary file has no room.
        """
        post, text = hash(record.id), hash(record.text)
        try:
            is_new = self._connection.execute(SEE, (post, text, line)).rowcount
        except sqlite3.OperationalError as error:
            raise StoreFullError(
                f"no temporary file can be written ({error}): see TMPDIR"
            ) from error
        if is_new:
            return None
        first_text, first_line = self._connection.execute(FIRST, (post,)).fetchone()
        return None if first_text == text else first_line

    def close(self) -> None:
        """Forget them."""
        self._connection.close()
