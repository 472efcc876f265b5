"""A worker of a cluster: it takes posts through the steps of its stage.

A worker that has lost its engine ends its process, as if it had been killed: Ray begins it anew,
and gives it again what it had.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import anyio
import numpy as np

from ingest.cluster import Remote, cause_of, is_begun_anew, this_actor
from ingest.distill.connect import DistillPlan, distilling
from ingest.distill.distill import outcome_of
from ingest.distill.in_process import STOP_LIMIT_S
from ingest.distill.kept_journal import KeptAnswers
from ingest.distill.posts import PostLine, Row
from ingest.distill.recall import Tally
from ingest.distill.restarts import RESTARTS
from ingest.distill.settings import Engine
from ingest.distill.steps import Distiller
from schema.errors import ClusterError, EngineEndedError, GeneratorNotFoundError, MikoError
from schema.records import Record

ROW: Final = "row"
ENGINE_CLOSE_LIMIT_S: Final = 2 * STOP_LIMIT_S
"""The engine waits STOP_LIMIT_S for its thread; what is open beside it is closed after that."""

LOST: Final = 1
"""The exit code of a process that has lost its engine."""

Taken = Row | MikoError
"""A post on its way, or what ends the run. Ray would add words of its own to what is raised."""


class Worker:
    """A worker of a stage: it takes batches of posts through the steps of its stage."""

    def __init__(self, plan: DistillPlan, kept: Remote) -> None:
        self._plan = plan
        self._kept = kept
        self._starting: asyncio.Task[None] | None = None
        self._is_started = anyio.Event()
        self._room = anyio.Semaphore(plan.settings.concurrency, fast_acquire=True)
        self._distiller: Distiller | MikoError = ClusterError("the worker has ended")
        self._tally = Tally()
        self._one = anyio.Lock()
        self._given_up: ClusterError | None = None
        self._is_ending = False

    async def __call__(self, batch: dict[str, Remote]) -> dict[str, Remote]:
        distiller = await self._started()
        rows: list[Taken] = list(batch[ROW])

        async def take(place: int, row: Taken) -> None:
            async with self._room:  # the batches may hold more, where the concurrency is small
                rows[place] = await self._taken(row, distiller)

        async with anyio.create_task_group() as group:
            for place, row in enumerate(rows):
                group.start_soon(take, place, row)
        return {ROW: column([await self._kept_or_given_up(row) for row in rows])}

    async def _taken(self, row: Taken, distiller: Distiller | MikoError) -> Taken:
        """Return what becomes of a post; never, once this process is ending.

        What the distiller holds is closed by then: whatever a post meets tells nothing of the post,
        and Ray gives its whole batch to the next process.
        """
        try:
            return row if self._is_ending else await _taken(row, distiller)
        finally:
            if self._is_ending:
                await anyio.sleep_forever()

    async def _kept_or_given_up(self, row: Taken) -> Taken:
        return await self._lost(row) if isinstance(row, EngineEndedError) else row

    async def _lost(self, error: EngineEndedError) -> ClusterError:
        """End this process, for Ray to begin it anew; return what ends the run where it may not."""
        async with self._one:
            if self._given_up is None:
                asked = (this_actor(), self._tally.asked)
                if await self._kept.may_begin_anew.remote(*asked):
                    self._is_ending = True
                    await self._close()
                    os._exit(LOST)
                self._given_up = ClusterError(
                    f"a worker was begun anew {RESTARTS} times in a row, and is without its engine "
                    f"again: see to --engine-args, and to the memory there. At last, {error}"
                )
        return self._given_up

    async def _close(self) -> None:
        """End what is left of the engine: it would keep its accelerator."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting], timeout=ENGINE_CLOSE_LIMIT_S)

    async def _started(self) -> Distiller | MikoError:
        """Return the distiller; a task of its own opens it, and holds it open."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._hold())
        await self._is_started.wait()
        return self._distiller

    async def _hold(self) -> None:
        try:
            async with distilling(self._plan, KeptAnswers(self._kept)) as opened:
                self._distiller, self._tally = opened
                self._is_started.set()
                await anyio.sleep_forever()
        except GeneratorNotFoundError as error:
            # After an engine was lost, what it held may not be free yet.
            is_lost = self._plan.settings.engine is Engine.VLLM and is_begun_anew()
            self._distiller = EngineEndedError(str(error)) if is_lost else error
        except MikoError as error:
            self._distiller = cause_of(error)
        except Exception as error:
            # The task's entry point: its batches wait, and would for ever were they not told.
            self._distiller = ClusterError(f"a worker cannot start ({type(error).__name__})")
            raise
        finally:
            self._is_started.set()


async def _taken(row: Taken, distiller: Distiller | MikoError) -> Taken:
    """Return what becomes of a post; an error that ends the run goes the way of the posts."""
    if not isinstance(row, PostLine):
        return row
    if isinstance(distiller, MikoError):
        return distiller
    try:
        outcome = await outcome_of(row, distiller)
    except MikoError as error:
        return cause_of(error)
    return replace(row, record=outcome) if isinstance(outcome, Record) else outcome


def column(rows: Sequence[object]) -> Remote:
    """Return rows as a column of objects; numpy would take tuples apart."""
    found = np.empty(len(rows), object)
    for place, row in enumerate(rows):
        found[place] = row
    return found
