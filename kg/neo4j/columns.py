"""The columns of a graph (kg.columns) in memory, of one version, read when they are asked for.

Neo4j takes seconds to go through a million relationships for each facet; read once, they are
counted in milliseconds until something is written.
"""

import asyncio
from contextlib import suppress

import anyio.to_thread

from kg.neo4j import meta, read_columns
from kg.neo4j.database import Database, Transaction
from kg.neo4j.read_columns import Found, HeldColumns
from schema.errors import StoreError


class ColumnMemory:
    """What holds the columns last read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: tuple[int, HeldColumns] | None = None
        self._asked_of: int | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held, of any version."""
        return self._held is None

    def of(self, version: int) -> HeldColumns | None:
        """Return the columns of this version; None where they are not held."""
        return self._held[1] if self._held is not None and self._held[0] == version else None

    async def wanted(self, version: int, *, wait: bool) -> HeldColumns | None:
        """Return the columns of this version; None where they are not held, or cannot be read.

        They are read where they are waited for, or asked for twice at the same version: nobody
        is writing then. Who waits no longer does not end the reading.
        """
        is_quiet, self._asked_of = self._asked_of == version, version
        if self.of(version) is None and (wait or is_quiet):
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            if wait:
                await asyncio.shield(self._reading)
        return self.of(version)

    async def close(self) -> None:
        """Read no more."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    async def _read(self) -> None:
        with suppress(StoreError):  # too much for the server's memory, say: Cypher still counts
            version, found = await self._database.read(_found)
            if await self._database.read(meta.version) == version:
                self._held = version, await anyio.to_thread.run_sync(read_columns.held, found)


async def _found(transaction: Transaction) -> tuple[int, Found]:
    return await meta.version(transaction), await read_columns.found(transaction)
