"""The journal: every answer of a model, kept as it arrives, so that nothing is asked twice."""

import os
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import orjson

from ingest.distill.generator import Answer, ModelUse, Prompt
from schema.errors import InputError, MikoError, StoreFullError
from schema.text import digest

APPLICATION_ID: Final = 0x4D494B4A  # MIKJ
BUSY_TIMEOUT_S: Final = 1.0
# Answers stand in the order in which they came: by key, each would dirty a page of its own.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS answer (
    step TEXT NOT NULL,
    prompt TEXT NOT NULL,
    run TEXT NOT NULL,
    text BLOB NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    is_cut INTEGER NOT NULL,
    engine TEXT NOT NULL,
    PRIMARY KEY (step, prompt, run)
)
"""
FIND: Final = """
SELECT text, prompt_tokens, output_tokens, is_cut, engine FROM answer
WHERE step = ? AND prompt = ? AND run = ?
"""
KEEP: Final = "INSERT OR IGNORE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

Key = tuple[str, str, str]
"""Step, hash of everything that it is asked, hash of the model and its sampling."""


def key_of(prompt: Prompt, use: ModelUse) -> Key:
    """Return what an answer is kept under."""
    schema = orjson.dumps(prompt.schema).decode()
    sample = (f"sample {prompt.sample}",) if prompt.sample else ()
    system = _digested(prompt.system)
    asked = digest("asked", system, prompt.user, schema, *prompt.images, *sample)
    return prompt.step, asked, use.id


@lru_cache(maxsize=16)
def _digested(system: str) -> str:
    """Return what stands for an instruction: it is long, and the same for every post."""
    return digest("system", system)


@dataclass(slots=True)
class _Call:
    run: Callable[[sqlite3.Connection], Answer | None]
    answer: Answer | None = None


@dataclass(slots=True)
class _Round:
    """Calls that share a transaction."""

    calls: list[_Call] = field(default_factory=list[_Call])
    is_done: anyio.Event = field(default_factory=anyio.Event)
    error: MikoError | None = None


@dataclass(slots=True)
class Journal:
    """Answers by key, in one SQLite file. Calls may overlap: those of a time share a transaction.

    One that has begun is made, also where it is cancelled meanwhile.
    """

    _path: Path
    _connection: sqlite3.Connection
    _gathering: _Round = field(default_factory=_Round)
    _turn: anyio.Lock = field(default_factory=anyio.Lock)

    async def find(self, key: Key) -> Answer | None:
        """Return the answer that is kept, None where there is none."""
        return await self._called(lambda connection: _found(connection, key))

    async def keep(self, key: Key, answer: Answer) -> Answer:
        """Keep an answer, unless there is one: it outlives a `kill -9` from the return on.

        Returns:
            The answer that is kept: another's, where two asked the same at a time.

        Raises:
            StoreFullError: The disk is full.
        """
        return await self._called(lambda connection: _kept(connection, key, answer)) or answer

    async def _called(self, run: Callable[[sqlite3.Connection], Answer | None]) -> Answer | None:
        """Join the round that gathers; the first of a round takes it through for all of them."""
        call, joined = _Call(run), self._gathering
        joined.calls.append(call)
        if len(joined.calls) == 1:
            with anyio.CancelScope(shield=True):
                await self._taken(joined)
        else:
            await joined.is_done.wait()
        if joined.error is not None:
            raise joined.error
        return call.answer

    async def _taken(self, gathered: _Round) -> None:
        async with self._turn:  # until the round before is done, others join
            self._gathering = _Round()
            try:
                await anyio.to_thread.run_sync(self._run, gathered.calls)
            except MikoError as error:
                gathered.error = error
            finally:
                gathered.is_done.set()

    def _run(self, calls: list[_Call]) -> None:
        with _translated(self._path), self._connection:
            self._connection.execute("BEGIN")
            for call in calls:
                call.answer = call.run(self._connection)


@asynccontextmanager
async def journal(path: Path) -> AsyncGenerator[Journal]:
    """Open a journal, made where it is not, for this process alone.

    Raises:
        InputError: It is something else, damaged, or in use by another process.
    """
    connection = await anyio.to_thread.run_sync(_opened, path)
    try:
        yield Journal(path, connection)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(connection.close)


def _opened(path: Path) -> sqlite3.Connection:
    try:
        # For its owner alone: answers speak of people.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise InputError(f"the journal {path} cannot be opened ({error.strerror})") from error
    with _translated(path):
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(path, connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application_id != APPLICATION_ID and tables:
        raise InputError(f"{path} is there, and is no journal: move it away, or name another --out")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    # A power cut may take the last answers with it; a killed process loses none.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(SCHEMA)


def _found(connection: sqlite3.Connection, key: Key) -> Answer | None:
    row = connection.execute(FIND, key).fetchone()
    if row is None:
        return None
    text, prompt_tokens, output_tokens, is_cut, engine = row
    return Answer(
        text.decode("utf-8", "surrogatepass"), prompt_tokens, output_tokens, bool(is_cut), engine
    )


def _kept(connection: sqlite3.Connection, key: Key, answer: Answer) -> Answer | None:
    text = answer.text.encode("utf-8", "surrogatepass")  # a model may write what is no text
    counts = (answer.prompt_tokens, answer.output_tokens, answer.is_cut)
    inserted = connection.execute(KEEP, (*key, text, *counts, answer.engine)).rowcount
    return answer if inserted else _found(connection, key)


@contextmanager
def _translated(path: Path) -> Generator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise StoreFullError(
                "the disk is full: free some space and run the same command again; what was "
                "answered before is kept"
            ) from error
        if code == sqlite3.SQLITE_BUSY:
            raise InputError(
                f"the journal {path} is in use by another `miko distill`: wait for it, or name "
                "another --out"
            ) from error
        raise InputError(
            f"the journal {path} cannot be used ({error}): move it away, and what it holds is "
            "asked again"
        ) from error
