"""The derived indexes together: caught up before they answer, and kept on disk.

What a process wrote, or another one, is seen at the next question: the log of changes says what
an index lacks. Files are written by one process at a time, under a lock.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from kg.columns.tables import Columns
from kg.kept import Kept
from kg.setup import SetUp
from kg.sqlite import changes
from kg.sqlite.columns import ColumnFile
from kg.sqlite.database import Database
from kg.sqlite.meta import meta
from kg.sqlite.selected import Selected
from kg.sqlite.selection import select
from kg.sqlite.sidecar import Owner
from kg.sqlite.vectors import VectorIndex
from kg.sqlite.words import WordIndex
from schema.errors import StoreBusyError, StoreError, StoreFullError, StoreUnreadableError
from schema.graph import Filter
from schema.nodes import NodeKind

KEPT_SELECTIONS: Final = 32
NO_SPACE: Final = "No space left"

Index = VectorIndex | WordIndex


class Derived:
    """The vector and word indexes of one SQLite file, and the selections last worked out."""

    def __init__(self, database: Database, *, timeout_s: float) -> None:
        self._database = database
        folder = _folder(database.path)
        with database.reading() as connection:
            owner = Owner(meta(connection, "graph"), self._version_now)
        self._vectors = {kind: VectorIndex(folder, kind, owner) for kind in NodeKind}
        self._words = {kind: WordIndex(folder, kind, owner) for kind in NodeKind}
        self._columns = ColumnFile(folder, owner)
        self._file_lock = FileLock(folder / "lock", timeout=timeout_s)
        self._taking = {index: threading.Lock() for index in self._indexes()}
        self._selections: Kept[tuple[NodeKind, Filter], Selected] = Kept(KEPT_SELECTIONS)
        self._loading = FileLock(folder / "loading", timeout=0, thread_local=False)
        self._has_written = False
        if database.lacks_indexes():
            # The load that goes on will make them; the lock of one that was killed is free.
            with suppress(StoreBusyError, Timeout), self._loading:
                database.make_indexes()

    def close(self) -> None:
        """Let go of the files."""
        self._loading.release()

    def before_writing(self) -> None:
        """Keep others from making the late indexes under a first load (Database.make_indexes)."""
        if not self._has_written:
            self._has_written = True
            with suppress(OSError):  # Timeout among them; without the lock a load is but slower
                self._loading.acquire()

    def vectors(self, connection: sqlite3.Connection, kind: NodeKind) -> VectorIndex:
        """Return the vector index of a kind, complete to what the connection sees."""
        index = self._vectors[kind]
        if index.seen < changes.version(connection):
            if index.is_behind(connection):
                with self._writing_files(), self._taking[index]:
                    index.settle(connection)
            with self._taking[index]:
                index.catch_up(connection)
        return index

    def words(self, connection: sqlite3.Connection, kind: NodeKind) -> WordIndex:
        """Return the word index of a kind, complete to what the connection sees."""
        index = self._words[kind]
        if index.seen < changes.version(connection):
            with self._writing_files(), self._taking[index]:
                index.catch_up(connection)
        return index

    def columns(self, connection: sqlite3.Connection, *, anew: bool) -> Columns | None:
        """Return the columns of what the connection sees.

        Args:
            connection: Within a transaction.
            anew: Whether they are made where something was written since; else None is returned.
        """
        version = changes.version(connection)
        held = self._columns.of(version)
        if held is None and anew:
            with self._writing_files():
                held = self._columns.of(version) or self._columns.build(connection)
        return held

    def selected(
        self, connection: sqlite3.Connection, kind: NodeKind, where: Filter
    ) -> Selected | None:
        """Return the keys of a kind that pass, None where everything does."""
        if where.is_empty:
            return None
        version = changes.version(connection)
        held = self._selections.get((kind, where), version)
        if held is not None:
            return held
        found = Selected.of(select(connection, kind, where))
        return self._selections.keep((kind, where), version, found)

    def set_up(self) -> SetUp:
        """Bring every index up to what is written; say which were behind."""
        with self._database.reading() as connection:
            behind = {index for index in self._indexes() if index.is_behind(connection)}
        self.refresh()
        return SetUp(
            made=tuple(index.name for index in self._indexes() if index in behind),
            there=tuple(index.name for index in self._indexes() if index not in behind),
        )

    def refresh(self) -> None:
        """Bring every index up to what is written, several at a time."""
        self._each(lambda index, connection: index.settle(connection))

    def rebuild(self) -> None:
        """Build every index anew."""
        self._each(lambda index, connection: index.build(connection))
        with self._writing_files(), self._database.reading() as connection:
            self._columns.build(connection)

    def _each(self, work: Callable[[Index, sqlite3.Connection], None]) -> None:
        def one_by_one(indexes: Iterable[Index]) -> None:
            for index in indexes:
                with self._taking[index], self._database.reading() as connection:
                    work(index, connection)

        with self._writing_files(), ThreadPoolExecutor() as pool:
            work_in_hand = (
                pool.submit(one_by_one, self._vectors.values()),
                pool.submit(one_by_one, self._words.values()),
                pool.submit(self._database.make_indexes),
            )
            for done in work_in_hand:
                done.result()
        self._loading.release()

    def _version_now(self) -> int:
        with self._database.reading() as connection:
            return changes.version(connection)

    def _indexes(self) -> tuple[Index, ...]:
        return (*self._vectors.values(), *self._words.values())

    @contextmanager
    def _writing_files(self) -> Generator[None]:
        try:
            with self._file_lock:
                yield
        except Timeout as error:
            raise StoreBusyError(
                f"another process is building the indexes of {self._database.path}: wait until it "
                "ends and run this again, or allow a longer wait by MIKO_STORE_TIMEOUT_S"
            ) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise _index_error(error, self._database.path) from error


def _folder(path: Path) -> Path:
    """Return the folder of the indexes, made where it is not there."""
    folder = path.with_name(f"{path.name}.index")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StoreUnreadableError(
            f"the indexes of {path} cannot be kept at {folder} ({error.strerror}): move away what "
            "is there, or check its permissions"
        ) from error
    return folder


def _index_error(error: Exception, path: Path) -> StoreError:
    """FAISS and tantivy say only in words that the disk is full."""
    if NO_SPACE in str(error) or "write error" in str(error).lower():
        return StoreFullError(
            f"no room for the indexes of {path}: free some disk space and run `miko reindex`; "
            "the graph itself is whole"
        )
    return StoreError(f"the indexes of {path} failed ({error}): run `miko reindex`")
