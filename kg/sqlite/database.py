"""The SQLite file: connections, transactions, and its errors in the project's words."""

import sqlite3
import threading
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kg.sqlite.tables import APPLICATION_ID, INDEXES, MIGRATIONS, SCHEMA, SCHEMA_VERSION
from schema.errors import StoreBusyError, StoreError, StoreFullError, StoreUnreadableError

WRITER_CACHE_KIB: Final = 384 * 1024
SORTER_CACHE_KIB: Final = 32 * 1024
CHECKPOINT_PAGES: Final = 65_536
"""Pages in the WAL (256 MiB) before they are folded in: a page that a load writes again and again
is folded in once."""

READER_CACHE_KIB: Final = 32 * 1024


class Database:
    """One SQLite file in WAL mode: a connection that writes, and as many as needed that read.

    Calls block; each may come from any thread.
    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self.path = path
        self._timeout_s = timeout_s
        self._idle: list[sqlite3.Connection] = []
        self._reading = 0
        self._closing = threading.Condition()
        self._writing = threading.Lock()
        with translated(path):
            self._writer = self._connect(WRITER_CACHE_KIB)
            self._writer.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            try:
                self._prepare()
            except BaseException:
                self._writer.close()
                raise

    def close(self) -> None:
        """Close every connection, each when it is at rest; the last one folds the WAL in.

        A cancelled task leaves its thread at work: closing a connection under it would end the
        process.
        """
        with self._closing:
            self._closing.wait_for(lambda: not self._reading)
        with self._writing:
            for connection in (*self._idle, self._writer):
                connection.close()

    def make_indexes(self) -> None:
        """Make the indexes that the first load goes without; at once, where they are there."""
        with self.writing() as connection:
            connection.execute("PRAGMA shrink_memory")
            connection.execute(f"PRAGMA cache_size = -{SORTER_CACHE_KIB}")
            for statement in INDEXES:
                connection.execute(statement)
            connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")

    def lacks_indexes(self) -> bool:
        """Whether something was written, and the indexes were not made since.

        The first load goes on, or ended before it could make them.
        """
        with self.reading() as connection:
            (made,) = connection.execute(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
            ).fetchone()
            (written,) = connection.execute("SELECT EXISTS (SELECT 1 FROM change)").fetchone()
        return bool(written) and made < len(INDEXES)

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """Give the connection for one transaction: kept at the end, undone on an error.

        Raises:
            StoreBusyError: Another process has been writing for longer than the limit.
            StoreFullError: There is no room; nothing of the transaction was kept.
        """
        with self._writing, translated(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def deleting(self) -> Generator[sqlite3.Connection]:
        """Give the connection as ``writing`` does; what is deleted is overwritten with zeros."""
        with self.writing() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            try:
                yield connection
            finally:
                connection.execute("PRAGMA secure_delete = OFF")

    def purge(self) -> None:
        """Write the file anew without its unused space, and empty the WAL.

        Overwriting is not enough: what a page held before its rows were moved to another one may
        still stand in its free space.

        Raises:
            StoreBusyError: Another process reads or writes for longer than the limit.
            StoreFullError: There is no room for a second copy.
        """
        with self._writing, translated(self.path):
            self._writer.execute("VACUUM")
            (is_busy, *_) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise StoreBusyError(
                f"another process reads {self.path}, so its WAL cannot be emptied: run `miko "
                "purge` again when it has its answer"
            )

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Give a connection that sees one state of the graph throughout."""
        with translated(self.path), self._reader() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _reader(self) -> Generator[sqlite3.Connection]:
        with self._closing:
            self._reading += 1
            connection = self._idle.pop() if self._idle else None
        try:
            connection = connection or self._connect(READER_CACHE_KIB)
            yield connection
        finally:
            with self._closing:
                self._reading -= 1
                if connection is not None:
                    self._idle.append(connection)
                self._closing.notify_all()

    def _connect(self, cache_kib: int) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=self._timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        return connection

    def _prepare(self) -> None:
        """Make the tables of a new file, or check that an old one can be read.

        The tables come first: where another process made them, the rest was made with them.
        """
        (tables,) = self._writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        (application,) = self._writer.execute("PRAGMA application_id").fetchone()
        (version,) = self._writer.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION and application == APPLICATION_ID:
            raise StoreUnreadableError(
                f"{self.path} was written by a newer MIKO (tables of version {version}, this one "
                f"reads {SCHEMA_VERSION}): upgrade MIKO, or name another file"
            )
        if tables and application != APPLICATION_ID:
            raise StoreUnreadableError(
                f"{self.path} is a SQLite file of another program: name another file"
            )
        self._writer.execute("PRAGMA journal_mode = WAL")
        if not tables:
            self._create()
        elif version < SCHEMA_VERSION:
            self._migrate()

    def _migrate(self) -> None:
        """Bring the tables up to date; two processes may come here at once."""
        self._writer.execute("BEGIN IMMEDIATE")
        (version,) = self._writer.execute("PRAGMA user_version").fetchone()
        for statement in MIGRATIONS[version - 1 :]:
            self._writer.execute(statement)
        self._writer.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._writer.execute("COMMIT")

    def _create(self) -> None:
        """Two processes may come here at once: the second finds the tables made."""
        self._writer.execute("BEGIN IMMEDIATE")
        (tables,) = self._writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not tables:
            for statement in SCHEMA.split(";\n"):
                self._writer.execute(statement)
            self._writer.execute(
                "INSERT INTO meta (name, value) VALUES ('graph', ?)", (uuid.uuid4().hex,)
            )
            self._writer.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._writer.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._writer.execute("COMMIT")


class AtWork:
    """The connection that a thread works with, for another thread to interrupt."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._is_over = False
        self._lock = threading.Lock()

    @contextmanager
    def on(self, connection: sqlite3.Connection) -> Generator[None]:
        """Work with a connection: afterwards it is another's, and no longer interrupted."""
        with self._lock:
            if self._is_over:
                raise StoreError("nobody waits for the answer any longer")
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:
                self._connection = None

    def interrupt(self) -> None:
        """End the statement that runs; if none does yet, none will."""
        with self._lock:
            self._is_over = True
            if self._connection is not None:
                self._connection.interrupt()


@contextmanager
def translated(path: Path) -> Generator[None]:
    """Raise SQLite's errors as the project's."""
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(error, path) from error


def _store_error(error: sqlite3.Error, path: Path) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusyError(
                f"another process is writing to {path}: wait until it ends and run this again, or "
                "allow a longer wait by MIKO_STORE_TIMEOUT_S"
            )
        case sqlite3.SQLITE_FULL:
            return StoreFullError(
                f"no room for {path}: free some disk space and run the same command again; "
                "what was written before is kept"
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return StoreUnreadableError(
                f"{path} is no SQLite file, or a damaged one ({error}): restore a copy of it, or "
                "move it away and load again"
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreUnreadableError(
                f"{path} cannot be opened for writing ({error}): check that its folder exists and "
                "that you may write there"
            )
        case _:
            return StoreError(f"SQLite failed on {path}: {error}")
