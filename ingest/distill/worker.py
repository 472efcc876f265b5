"""A worker of a cluster: it takes posts through the steps of its stage."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import anyio
import numpy as np

from ingest.cluster import Remote, cause_of
from ingest.distill.connect import DistillPlan, distilling
from ingest.distill.distill import outcome_of
from ingest.distill.kept_journal import KeptAnswers
from ingest.distill.posts import PostLine, Row
from ingest.distill.steps import Distiller
from schema.errors import ClusterError, MikoError
from schema.records import Record

ROW: Final = "row"

Taken = Row | MikoError
"""A post on its way, or what ends the run. Ray would add words of its own to what is raised."""


class Worker:
    """A worker of a stage: it takes batches of posts through the steps of its stage."""

    def __init__(self, plan: DistillPlan, kept: Remote) -> None:
        self._order = plan
        self._kept = kept
        self._starting: asyncio.Task[None] | None = None
        self._is_started = anyio.Event()
        self._room = anyio.Semaphore(plan.settings.concurrency, fast_acquire=True)
        self._distiller: Distiller | MikoError = ClusterError("the worker has ended")

    async def __call__(self, batch: dict[str, Remote]) -> dict[str, Remote]:
        distiller = await self._started()
        rows: list[Taken] = list(batch[ROW])

        async def take(place: int, row: Taken) -> None:
            async with self._room:  # the batches may hold more, where the concurrency is small
                rows[place] = await _taken(row, distiller)

        async with anyio.create_task_group() as group:
            for place, row in enumerate(rows):
                group.start_soon(take, place, row)
        return {ROW: column(rows)}

    async def _started(self) -> Distiller | MikoError:
        """Return the distiller; a task of its own opens it, and holds it open."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._hold())
        await self._is_started.wait()
        return self._distiller

    async def _hold(self) -> None:
        try:
            async with distilling(self._order, KeptAnswers(self._kept)) as (distiller, _):
                self._distiller = distiller
                self._is_started.set()
                await anyio.sleep_forever()
        except MikoError as error:
            self._distiller = cause_of(error)
        except Exception as error:
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
