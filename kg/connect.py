"""From settings to a store: the one place that chooses the adapter."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.errors import StoreUnreadableError

SQLITE: Final = "sqlite:///"


@asynccontextmanager
async def connect(settings: StoreSettings, *, create: bool = True) -> AsyncGenerator[GraphStore]:
    """Open the store at the settings' address, and close it at the end.

    Args:
        settings: Where it is.
        create: Make a graph that is not there; else that is an error.

    Raises:
        StoreUnreadableError: The address is of no known store, or cannot be read.
    """
    if not settings.url.startswith(SQLITE):
        raise StoreUnreadableError(
            f"no store is known for {settings.url!r}: an address begins with {SQLITE!r}, "
            "as in sqlite:///miko.db"
        )
    from kg.sqlite.store import open_sqlite

    path = Path(settings.url.removeprefix(SQLITE))
    if not create:
        _check_exists(path, settings.url)
    async with open_sqlite(path, timeout_s=settings.timeout_s) as store:
        yield store


def _check_exists(path: Path, url: str) -> None:
    if not path.exists():
        raise StoreUnreadableError(
            f"there is no graph at {url}: load one by `miko load FILES...`, try `miko demo`, or "
            "name another by --store or MIKO_STORE_URL"
        )
