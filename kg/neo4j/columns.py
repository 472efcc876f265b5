"""The columns of a graph (kg.columns) in memory, of one state, read when they are asked for.

Neo4j takes seconds to go through a million relationships for each facet; read once, they are
counted in milliseconds until something is written.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

import anyio.to_thread

from kg.neo4j import meta, read_columns
from kg.neo4j.database import Database
from kg.neo4j.meta import State
from kg.neo4j.read_columns import HeldColumns
from schema.errors import StoreError

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Reading:
    state: State
    task: asyncio.Task[None]


class ColumnMemory:
    """What holds the columns last read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: tuple[State, HeldColumns] | None = None
        self._reading: _Reading | None = None
        self._asked_of: State | None = None
        self._unreadable: State | None = None
        self._is_overtaken = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held, of any state."""
        return self._held is None

    def of(self, state: State) -> HeldColumns | None:
        """Return the columns of a graph's state; None where they are not held.

        Those of another state are let go of: it is over.
        """
        if self._held is not None and self._held[0] != state:
            self._held = None
        return None if self._held is None else self._held[1]

    async def wanted(self, state: State, *, wait: bool) -> HeldColumns | None:
        """Return the columns of a graph's state; None where they are not held, or cannot be read.

        They are read where they are waited for, but for the first time after something was
        written in mid-reading, and where they are asked for twice in the same state: nobody is
        writing then. Who gives up waiting does not end the reading.
        """
        is_quiet, self._asked_of = self._asked_of == state, state
        if self.of(state) is None and state != self._unreadable:
            if is_quiet or (wait and not self._is_overtaken):
                self._begin(state)
            reading = self._reading
            if wait and reading is not None and reading.state == state:
                await asyncio.wait([reading.task])  # which goes on where this is cancelled
        return self.of(state)

    async def close(self) -> None:
        """Read no more."""
        if self._reading is not None:
            self._reading.task.cancel()
            await asyncio.wait([self._reading.task])

    def _begin(self, state: State) -> None:
        if self._reading is None or self._reading.task.done():
            self._reading = _Reading(state, asyncio.create_task(self._read(state)))

    async def _read(self, state: State) -> None:
        try:
            found = await read_columns.found(self._database)
            self._is_overtaken = await self._database.read(meta.state) != state
        except StoreError as error:
            # More than the server's memory or time allows, say: Cypher still counts.
            LOG.warning("the columns that facets are counted over cannot be read: %s", error)
            self._unreadable = state
            return
        if not self._is_overtaken:
            self._held = state, await anyio.to_thread.run_sync(read_columns.held, found)
