"""Errors of the driver and of a server, in this project's words."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from neo4j.exceptions import (
    AuthError,
    ConnectionAcquisitionTimeoutError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from schema.errors import (
    StoreBusyError,
    StoreError,
    StoreUnreachableError,
    StoreUnreadableError,
    TimeLimitError,
)

STOPPED: Final = (
    "the Neo4j database has stopped itself, as it does where its disk is full: free some space, "
    "restart the server and run the same command again; what was committed is kept ({said})"
)
CODES: Final[tuple[tuple[str, type[StoreError], str], ...]] = (
    (
        "DatabaseNotFound",
        StoreUnreadableError,
        "{said}: set MIKO_STORE_DATABASE to another, or unset it",
    ),
    (
        "ReadOnly",
        StoreError,
        "the Neo4j database is read-only: it can be asked, not written to ({said})",
    ),
    ("Security.Forbidden", StoreError, "the user at the Neo4j server may not do this: {said}"),
    (
        "TransactionTimedOut",
        TimeLimitError,
        "Neo4j took longer than its time limit: ask for less at a time",
    ),
    (
        "OutOfMemory",
        StoreError,
        "the Neo4j server has too little memory for one transaction, and wrote nothing of it: "
        "raise its db.memory.transaction.max, dbms.memory.transaction.total.max or heap ({said})",
    ),
    # Of two that define one index at once, IF NOT EXISTS saves only who comes later.
    ("EquivalentSchemaRule", StoreBusyError, "another process defines the same index: {said}"),
    ("TransactionLogError", StoreError, STOPPED),
    ("TransactionCommitFailed", StoreError, STOPPED),
    ("TransactionStartFailed", StoreError, STOPPED),
    ("NotALeader", StoreError, "this server of the cluster takes no writes: ask it by neo4j://"),
    (
        "DatabaseUnavailable",
        StoreUnreachableError,
        "the Neo4j database is not available; where that lasts, its server's logs say why, and "
        "MIKO_STORE_DATABASE names another ({said})",
    ),
)
"""By the first part that a server's code has: the class, and the message around the server's."""


@contextmanager
def translated() -> Generator[None]:
    """Say a foreign error in this project's words.

    Raises:
        StoreUnreachableError, StoreBusyError: The same may succeed in a moment.
        StoreError: It will not.
    """
    try:
        yield
    except Neo4jError as error:
        raise _of_server(error) from error
    except DriverError as error:
        raise _of_driver(error) from error


def _of_server(error: Neo4jError) -> StoreError:
    code, said = error.code or "", error.message or str(error)
    if isinstance(error, AuthError):
        return StoreUnreadableError(
            "the Neo4j server refuses the login: set MIKO_STORE_USER and MIKO_STORE_PASSWORD"
        )
    for part, kind, message in CODES:
        if part in code:
            return kind(message.format(said=said))
    if isinstance(error, TransientError):
        return StoreBusyError(f"Neo4j is busy: run this again ({said})")
    return StoreError(f"Neo4j refused a statement: {said} ({code})")


def _of_driver(error: DriverError) -> StoreError:
    if isinstance(error, ConnectionAcquisitionTimeoutError):
        return StoreBusyError("every connection to Neo4j is in use: ask again in a moment")
    if isinstance(error, (ServiceUnavailable, SessionExpired)):
        return StoreUnreachableError(
            f"no Neo4j server answers ({_first_line(error)}): start one, by `miko neo4j` for "
            "example, or set MIKO_STORE_URL to another address"
        )
    return StoreError(f"the Neo4j driver failed: {error}")


def _first_line(error: Exception) -> str:
    """Return what an error says, without the addresses that a name was resolved to."""
    return str(error).partition("\n")[0].partition(" (resolved")[0].rstrip(":")
