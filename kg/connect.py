"""From settings to a store: the one place that chooses the adapter."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.settings import StoreSettings
from kg.setup import Progress, silent
from kg.store import GraphStore
from schema.errors import StoreUnreadableError

if TYPE_CHECKING:
    from kg.neo4j.database import Address

SQLITE: Final = "sqlite:///"
NO_FILES: Final = ("", ":memory:")
NEO4J: Final = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
SHARE_OF_OUTAGE: Final = 0.1
"""Part of the time for an answer that a server is waited for: who asks is to know soon."""


@asynccontextmanager
async def connect(
    settings: StoreSettings,
    *,
    create: bool = True,
    within_s: float | None = None,
    progress: Progress = silent,
) -> AsyncGenerator[GraphStore]:
    """Open the store at the settings' address, and close it at the end.

    Args:
        settings: Where it is.
        create: Make a graph that is not there; else that is an error.
        within_s: When whoever asks has no more use for an answer; None where they wait for it.
        progress: Told what is built where a graph is made.

    Raises:
        StoreUnreadableError: The address is of no known store, or cannot be read.
    """
    if settings.url.startswith(SQLITE):
        from kg.sqlite.store import open_sqlite

        path = Path(settings.url.removeprefix(SQLITE))
        if path.name in NO_FILES:
            raise StoreUnreadableError(f"{settings.url} names no file: a graph is kept in one")
        if not create:
            _check_exists(path, settings.url)
        async with open_sqlite(path, timeout_s=settings.timeout_s) as embedded:
            yield embedded
    elif settings.url.partition("://")[0] in NEO4J:
        from kg.neo4j.store import open_neo4j

        address = _address(settings, within_s)
        async with open_neo4j(address, create=create, progress=progress) as served:
            yield served
    else:
        raise StoreUnreadableError(
            f"no store is known for {settings.url!r}: an address begins with {SQLITE!r}, as in "
            "sqlite:///miko.db, or with 'bolt://' or 'neo4j://', as in bolt://127.0.0.1:7687"
        )


def _address(settings: StoreSettings, within_s: float | None) -> "Address":
    from kg.neo4j.database import READ_LIMIT_S, Address
    from kg.neo4j.retries import Patience

    password = settings.password.get_secret_value()
    outage_s, limit_s = settings.outage_s, READ_LIMIT_S
    if within_s is not None:
        outage_s, limit_s = min(outage_s, SHARE_OF_OUTAGE * within_s), within_s
    return Address(
        settings.url,
        (settings.user, password) if password else None,
        settings.database or None,
        limit_s,
        Patience(min(settings.timeout_s, limit_s), outage_s),
        settings.timeout_s,
    )


def one_address(url: str) -> str:
    """Return the one way to write an address: a file's whole path, a server's in lower case."""
    if url.startswith(SQLITE):
        return f"{SQLITE}{Path(url.removeprefix(SQLITE)).resolve()}"
    return url.lower().rstrip("/")


def _check_exists(path: Path, url: str) -> None:
    if not path.exists():
        raise StoreUnreadableError(
            f"there is no graph at {url}: load one by `miko load FILES...`, try `miko demo`, or "
            "name another by --store or MIKO_STORE_URL"
        )
