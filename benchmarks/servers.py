"""Neo4j servers with generated graphs in them, kept in a folder of their own."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from benchmarks.loading import FOLDER
from kg.neo4j.server import running_server
from kg.settings import Neo4jSettings, StoreSettings

SETTINGS: Final = Neo4jSettings(heap="2g", pagecache="3g")
WHOLE: Final = "whole"
"""Name of a file in a server's folder: the graph in it was loaded to its end."""


def folder(name: str, intentions: int) -> Path:
    """Return where a server with a graph of a size is kept."""
    return FOLDER / f"neo4j-{name}-{intentions}"


@asynccontextmanager
async def serving(place: Path) -> AsyncGenerator[StoreSettings]:
    """Start the server of a folder, and end it at the end."""
    place.mkdir(parents=True, exist_ok=True)
    async with running_server(SETTINGS, place) as server:
        yield StoreSettings(url=server.url)


class Retries(logging.Handler):
    """Counts the transactions that are tried again (kg.neo4j.retries)."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        self.count += "trying again" in record.getMessage()
