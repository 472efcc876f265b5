"""From settings to a store: the one place that chooses the adapter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.errors import StoreUnreadableError

SQLITE: Final = "sqlite:///"


@asynccontextmanager
async def connect(settings: StoreSettings) -> AsyncIterator[GraphStore]:
    """Open the store at the settings' address, and close it at the end.

    Raises:
        StoreUnreadableError: The address is of no known store, or cannot be read.
    """
    if not settings.url.startswith(SQLITE):
        raise StoreUnreadableError(
            f"no store is known for {settings.url!r}: an address begins with {SQLITE!r}, "
            "as in sqlite:///miko.db"
        )
    from kg.sqlite.store import open_sqlite  # noqa: PLC0415 faiss takes 0.2 s to import

    path = Path(settings.url.removeprefix(SQLITE))
    async with open_sqlite(path, timeout_s=settings.timeout_s) as store:
        yield store
