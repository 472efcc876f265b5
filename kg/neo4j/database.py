"""The connection: transactions, what the server can do, and its errors in this project's words."""

import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString, Self, TypeVar

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, unit_of_work
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    TransientError,
)

from schema.errors import StoreBusyError, StoreError, StoreUnreadableError, TimeLimitError

T = TypeVar("T")
Row = Mapping[str, Any]  # the driver gives no types

WRITE_LIMIT_S: Final = 600.0
READ_LIMIT_S: Final = 60.0
CONNECT_LIMIT_S: Final = 15.0
OLDEST: Final = (5, 26)
SEARCH_SINCE: Final = (2026, 1)
"""Cypher's SEARCH, with conditions inside the vector index."""

VECTORS_SINCE: Final = (2025, 10)
"""Bolt's Vector type: a parameter that is not a list of boxed numbers."""

EVERY_ROW: Final = -1
"""Rows that are sent at a time: all, since all are read."""

TIMED_OUT: Final = "TransactionTimedOut"
NO_DATABASE: Final = "DatabaseNotFound"
FORBIDDEN: Final = "Security.Forbidden"
COMPONENTS: Final[LiteralString] = "CALL dbms.components() YIELD name, versions, edition RETURN *"


@dataclass(frozen=True, slots=True)
class Server:
    """What answers, as it says itself.

    Attributes:
        version: (year or major, month or minor, patch).
        edition: ``community`` or ``enterprise``.
    """

    version: tuple[int, ...]
    edition: str

    @property
    def has_search(self) -> bool:
        """Whether a vector index takes conditions."""
        return self.version >= SEARCH_SINCE

    @property
    def has_vectors(self) -> bool:
        """Whether a parameter may be a Vector."""
        return self.version >= VECTORS_SINCE


class Transaction:
    """A transaction that gives rows."""

    def __init__(self, inner: AsyncManagedTransaction) -> None:
        self._inner = inner

    async def rows(self, query: LiteralString, /, **parameters: object) -> list[Row]:
        """Run a statement and return its rows."""
        result = await self._inner.run(query, parameters)
        # Not data(): that copies what is nested value by value, a vector number by number.
        return [dict(record) async for record in result]

    async def row(self, query: LiteralString, /, **parameters: object) -> Row:
        """Run a statement that gives one row."""
        (found,) = await self.rows(query, **parameters)
        return found


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, and who asks.

    Attributes:
        url: ``bolt://``, ``neo4j://``, and both with ``+s`` or ``+ssc``.
        login: User and password; None where the server asks for none.
        database: Its name; None for the server's default.
        timeout_s: Longest time in which a transaction is tried again.
    """

    url: str
    login: tuple[str, str] | None = None
    database: str | None = None
    timeout_s: float = 10.0


Work = Callable[[Transaction], Awaitable[T]]


class Database:
    """One database of a server."""

    def __init__(self, driver: AsyncDriver, name: str | None, server: Server) -> None:
        self._driver = driver
        self._name = name
        self.server = server

    @classmethod
    async def at(cls, driver: AsyncDriver, name: str | None) -> Self:
        """Ask who answers.

        Raises:
            StoreUnreadableError: Nobody, or a server that is too old.
        """
        database = cls(driver, name, Server((), ""))
        found = await database.run(COMPONENTS)  # once: who does not answer now is not waited for
        kernel = next(row for row in found if row["name"] == "Neo4j Kernel")
        version = tuple(int(part) for part in re.findall(r"\d+", kernel["versions"][0])[:3])
        if version < OLDEST:
            raise StoreUnreadableError(
                f"the server is Neo4j {kernel['versions'][0]}: 5.26 is the oldest that is known"
            )
        database.server = Server(version, kernel["edition"])
        return database

    async def read(self, work: Work[T], *, limit_s: float = READ_LIMIT_S) -> T:
        """Run work that writes nothing, again where the server says that this may help.

        Raises:
            TimeLimitError: The server took longer than its limit.
        """
        with_limit = unit_of_work(timeout=limit_s)(_inner(work))
        with _translated():
            async with self._session() as session:
                return await session.execute_read(with_limit)

    async def write(self, work: Work[T]) -> T:
        """Run work in one transaction, whole or not at all."""
        with_limit = unit_of_work(timeout=WRITE_LIMIT_S)(_inner(work))
        with _translated():
            async with self._session() as session:
                return await session.execute_write(with_limit)

    async def run(self, query: LiteralString, /, **parameters: object) -> list[Row]:
        """Run a statement that makes its own transactions, or changes the schema."""
        with _translated():
            async with self._session() as session:
                result = await session.run(query, parameters)
                return list(await result.data())

    def _session(self) -> neo4j.AsyncSession:
        return self._driver.session(  # pyright: ignore[reportUnknownMemberType] its own
            database=self._name, fetch_size=EVERY_ROW
        )


# The driver tells of each retry on a logger; where nobody listens, Python would print it.
logging.getLogger("neo4j").addHandler(logging.NullHandler())


@asynccontextmanager
async def open_database(address: Address) -> AsyncGenerator[Database]:
    """Connect, and close the connections at the end.

    Raises:
        StoreUnreadableError: Nobody answers at the address, or refuses the login.
    """
    if "@" in address.url:
        raise StoreUnreadableError(
            "an address of a Neo4j holds no login: set MIKO_STORE_USER and MIKO_STORE_PASSWORD"
        )
    try:
        driver = AsyncGraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType] its own
            address.url,
            auth=address.login,
            connection_timeout=CONNECT_LIMIT_S,
            max_transaction_retry_time=address.timeout_s,
            notifications_min_severity="OFF",
        )
    except (ConfigurationError, ValueError) as error:
        raise StoreUnreadableError(f"{address.url} is no address of a Neo4j: {error}") from error
    async with driver:
        yield await Database.at(driver, address.database)


def _inner(work: Work[T]) -> Callable[[AsyncManagedTransaction], Awaitable[T]]:
    async def run(inner: AsyncManagedTransaction) -> T:
        return await work(Transaction(inner))

    return run


@contextmanager
def _translated() -> Generator[None]:
    """Say a foreign error in this project's words."""
    try:
        yield
    except AuthError as error:
        raise StoreUnreadableError(
            "the Neo4j server refuses the login: set MIKO_STORE_USER and MIKO_STORE_PASSWORD"
        ) from error
    except ServiceUnavailable as error:
        raise StoreUnreadableError(
            f"no Neo4j server answers ({_first_line(error)}): start one, by `miko neo4j` for "
            "example, or set MIKO_STORE_URL to another address"
        ) from error
    except Neo4jError as error:
        raise _store_error(error) from error
    except DriverError as error:
        raise StoreError(f"the Neo4j driver failed: {error}") from error


def _first_line(error: Exception) -> str:
    """Return what an error says, without the addresses that a name was resolved to."""
    return str(error).partition("\n")[0].partition(" (resolved")[0].rstrip(":")


def _store_error(error: Neo4jError) -> StoreError:
    code, message = error.code or "", error.message or str(error)
    if NO_DATABASE in code:
        return StoreUnreadableError(f"{message}: set MIKO_STORE_DATABASE to another, or unset it")
    if FORBIDDEN in code:
        return StoreError(f"the user at the Neo4j server may not do this: {message}")
    if TIMED_OUT in code:
        return TimeLimitError(f"Neo4j took longer than its limit: {message}")
    if isinstance(error, TransientError):
        return StoreBusyError(f"Neo4j is busy: run this again ({message})")
    return StoreError(f"Neo4j refused a statement: {message} ({code})")
