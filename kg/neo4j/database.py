"""The connection: transactions, what the server can do, and how long it is waited for."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, LiteralString, Self, TypeVar

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase
from neo4j.exceptions import ConfigurationError

from kg.neo4j.errors import translated
from kg.neo4j.retries import NO_PATIENCE, Patience, persistent
from schema.errors import (
    StoreBusyError,
    StoreUnreachableError,
    StoreUnreadableError,
    TimeLimitError,
)

T = TypeVar("T")
Row = Mapping[str, Any]  # the driver gives no types
Access = Literal["READ", "WRITE"]

WRITE_LIMIT_S: Final = 600.0
READ_LIMIT_S: Final = 60.0
CONNECT_LIMIT_S: Final = 5.0
GRACE_S: Final = 15.0
"""A server ends what takes too long; one that is silent so much later has stopped."""

CONNECTIONS: Final = 50
"""Most at a time; who finds them all in use waits for one."""

UNSIGNED: Final = "write +ssc for +s where nobody signed its certificate but itself"
IDLE_S: Final = 30.0
"""A connection that was unused for longer is tried first: it may have been cut on the way."""

OLDEST: Final = (5, 26)
SEARCH_SINCE: Final = (2026, 1)
"""Cypher's SEARCH, with conditions inside the vector index."""

VECTORS_SINCE: Final = (2025, 10)
"""Bolt's Vector type: a parameter that is not a list of boxed numbers."""

EVERY_ROW: Final = -1
"""Rows that are sent at a time: all, since all are read."""

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


class _LockHeldError(Exception):
    """Another transaction held a lock for the longest wait: that is not tried again."""


RunStatement = Callable[[LiteralString, dict[str, Any]], Awaitable[neo4j.AsyncResult]]


class Transaction:
    """What gives rows: one transaction where something is written, else one for each statement."""

    def __init__(
        self, run: RunStatement, server: Server, lock_limit_s: float = WRITE_LIMIT_S
    ) -> None:
        self._run = run
        self.server = server
        self._lock_limit_s = lock_limit_s

    async def rows(self, query: LiteralString, /, **parameters: object) -> list[Row]:
        """Run a statement and return its rows."""
        result = await self._run(query, parameters)
        # Not data(): that copies what is nested value by value, a vector number by number.
        return [dict(record) async for record in result]

    async def row(self, query: LiteralString, /, **parameters: object) -> Row:
        """Run a statement that gives one row."""
        (found,) = await self.rows(query, **parameters)
        return found

    async def listed(self, query: LiteralString, /, **parameters: object) -> list[Row]:
        """Run a statement that gives its rows as one list, ``rows``.

        For what gives many: each row that is sent by itself takes the driver as long as a hundred
        in a list.
        """
        found: list[Row] = (await self.row(query, **parameters))["rows"]
        return found

    async def locked(self, query: LiteralString, /) -> list[Row]:
        """Run a statement that takes a lock as soon as others give it up, within the limit."""
        try:
            async with asyncio.timeout(self._lock_limit_s):
                return await self.rows(query)
        except TimeoutError as error:
            raise _LockHeldError from error


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, who asks, and how long it is waited for.

    Attributes:
        url: ``bolt://``, ``neo4j://``, and both with ``+s`` or ``+ssc``.
        login: User and password; None where the server asks for none.
        database: Its name; None for the server's default.
        read_limit_s: Longest time of a transaction that reads.
        patience: How long a transaction is tried again.
        lock_limit_s: Longest wait for another transaction that writes.
    """

    url: str
    login: tuple[str, str] | None = None
    database: str | None = None
    read_limit_s: float = READ_LIMIT_S
    patience: Patience = NO_PATIENCE
    lock_limit_s: float = WRITE_LIMIT_S


Work = Callable[[Transaction], Awaitable[T]]


class Database:
    """One database of a server.

    All of its sessions share their bookmarks: in a cluster, a follower that is asked has what was
    written before through this very object.
    """

    def __init__(self, driver: AsyncDriver, address: Address, server: Server) -> None:
        self._driver = driver
        self._address = address
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()
        self.server = server

    @classmethod
    async def at(cls, driver: AsyncDriver, address: Address) -> Self:
        """Ask who answers; who does not answer now is not waited for.

        Raises:
            StoreUnreadableError: Nobody, or a server that is too old.
        """
        database = cls(driver, address, Server((), ""))
        found = await database._once(lambda t: t.rows(COMPONENTS), "READ", address.read_limit_s)
        kernel = next(row for row in found if row["name"] == "Neo4j Kernel")
        version = tuple(int(part) for part in re.findall(r"\d+", kernel["versions"][0])[:3])
        if version < OLDEST:
            raise StoreUnreadableError(
                f"the server is Neo4j {kernel['versions'][0]}: 5.26 is the oldest that is known"
            )
        database.server = Server(version, kernel["edition"])
        return database

    async def read(self, work: Work[T]) -> T:
        """Run work that writes nothing, in a cluster on any server that has what was written.

        Each of its statements sees what is written when it runs, as in one transaction too: Neo4j
        reads what is committed.

        Raises:
            TimeLimitError: A statement took longer than the address's limit.
        """
        return await self._persistent(work, "READ", self._address.read_limit_s)

    async def write(self, work: Work[T]) -> T:
        """Run work in one transaction, whole or not at all.

        Where the connection is lost while it is committed, nobody knows whether it was: it is run
        again, so it must be such that twice is once.

        Raises:
            StoreBusyError: Others wrote for longer than the address's limit.
        """
        return await self._persistent(work, "WRITE", WRITE_LIMIT_S)

    async def run(self, query: LiteralString, /, **parameters: object) -> list[Row]:
        """Run a statement that changes the schema or waits for it, however long that takes."""
        return await self._persistent(lambda t: t.rows(query, **parameters), "WRITE", None)

    async def _persistent(self, work: Work[T], access: Access, limit_s: float | None) -> T:
        try:
            return await persistent(
                lambda: self._once(work, access, limit_s), self._address.patience
            )
        except _LockHeldError as error:
            raise StoreBusyError(
                f"another process has been writing to the graph for {self._address.lock_limit_s:g} "
                "s: run this again, or wait for longer by MIKO_STORE_TIMEOUT_S"
            ) from error

    async def _once(self, work: Work[T], access: Access, limit_s: float | None) -> T:
        try:
            with translated():
                async with asyncio.timeout(None if limit_s is None else limit_s + GRACE_S):
                    return await self._transaction(work, access, limit_s)
        except TimeoutError as error:
            raise TimeLimitError(f"Neo4j is silent after {limit_s:g} s") from error

    async def _transaction(self, work: Work[T], access: Access, limit_s: float | None) -> T:
        async with self._session(access) as session:
            if access == "READ":  # to begin and to commit would be two more ways to the server
                return await work(Transaction(_each(session, limit_s), self.server))
            async with await session.begin_transaction(timeout=limit_s) as transaction:
                found = await work(
                    Transaction(transaction.run, self.server, self._address.lock_limit_s)
                )
                await transaction.commit()
                return found

    def _session(self, access: Access) -> neo4j.AsyncSession:
        return self._driver.session(  # pyright: ignore[reportUnknownMemberType] its own
            database=self._address.database,
            default_access_mode=access,
            bookmark_manager=self._bookmarks,
            fetch_size=EVERY_ROW,
        )


def _each(session: neo4j.AsyncSession, limit_s: float | None) -> RunStatement:
    """Return what runs each statement in a transaction of its own."""

    async def run(query: LiteralString, parameters: dict[str, Any]) -> neo4j.AsyncResult:
        return await session.run(neo4j.Query(query, timeout=limit_s), parameters)

    return run


# The driver tells of what it gives up on a logger; where nobody listens, Python would print it.
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
            connection_acquisition_timeout=address.read_limit_s,
            max_connection_pool_size=CONNECTIONS,
            liveness_check_timeout=IDLE_S,
            notifications_min_severity="OFF",
        )
    except (ConfigurationError, ValueError) as error:
        raise StoreUnreadableError(f"{address.url} is no address of a Neo4j: {error}") from error
    async with driver:
        try:
            database = await Database.at(driver, address)
        except StoreUnreachableError as error:
            if not address.url.partition("://")[0].endswith("+s"):
                raise
            raise StoreUnreachableError(f"{error}, or {UNSIGNED}") from error
        yield database
