"""Distilling on a Ray cluster: the steps as stages of Ray Data, the journal with the command.

Posts are read on the machine of the command, and go in blocks through one stage or several. A
stage is a pool of workers, each with a generator of its own: one vLLM engine an accelerator. Ray
Data holds back what a later stage has no room for, and gives a worker's posts to another when it
dies; what had been answered by then is in the journal, and is not asked again.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import anyio
import anyio.to_thread
import numpy as np

from ingest.cluster import Remote, accelerators, cause_of, here, library, nodes
from ingest.distill.connect import DistillPlan, distilling
from ingest.distill.distill import Done, Job, Outcome, Work, outcome_of
from ingest.distill.generator import Answer
from ingest.distill.journal import Key, journal
from ingest.distill.posts import PostLine, Row
from ingest.distill.recall import Tally
from ingest.distill.settings import Engine
from ingest.distill.stages import Stage
from ingest.distill.steps import Distiller, Step
from schema.errors import ClusterError, MikoError
from schema.records import Record

ROUNDS: Final = 2
"""Posts that travel together, for each that a worker takes at a time."""

CLOSE_LIMIT_S: Final = 10.0
READ_ROWS: Final = 256

BATCHES: Final = 4
"""Batches that Ray Data gives a worker at a time."""

ROW: Final = "row"
STEPS: Final = frozenset(Step)
"""What counts as asking a model; the writing in images is kept in the journal as well."""

Taken = Row | MikoError
"""A post on its way, or what ends the run. Ray would add words of its own to what is raised."""


def on_cluster(plan: DistillPlan, stages: Sequence[Stage], tally: Tally) -> Work:
    """Return the work of a cluster to which this process is connected (ingest.cluster)."""

    async def work(job: Job, done: Done) -> None:
        # Workers have a folder of their own to work in.
        at = replace(job, posts=job.posts.resolve(), out=job.out.resolve())
        asked = replace(plan, images=plan.images.resolve(), fetched=plan.fetched.resolve())
        kept = _remote(_KeptJournal, num_cpus=0, label_selector=here()).remote(at.journal)
        failure = library().exceptions.RayError
        try:
            await kept.open.remote()
            blocks = iter(_dataset(at, asked, stages, kept).iter_batches(batch_size=None))
            while (block := await _next(blocks)) is not None:
                _copy(await kept.tally.remote(), tally)
                for row in block[ROW]:
                    await done(_outcome(row))
        except failure as error:
            raise cause_of(error) from error
        finally:
            with anyio.move_on_after(CLOSE_LIMIT_S, shield=True), suppress(failure):
                await kept.close.remote()

    return work


def _outcome(row: Taken) -> Outcome:
    if isinstance(row, MikoError):
        raise row
    return row.record if isinstance(row, PostLine) else row


def _dataset(job: Job, plan: DistillPlan, stages: Sequence[Stage], kept: Remote) -> Remote:
    """Return the posts on their way through the stages, in their order."""
    ray = library()
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what is wrong is raised as well
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    posts = ray.data.read_datasource(
        _posts(job),
        override_num_blocks=1,
        num_cpus=0,  # it waits for the workers more than it works
        label_selector=here(),
    )
    concurrency = plan.settings.concurrency
    # Ray Data would join what is read into blocks of 128 MB, each for one worker.
    posts = posts.repartition(target_num_rows_per_block=ROUNDS * concurrency)
    batch_size = max(1, concurrency // BATCHES)
    for stage in stages:
        gpus = _gpus(plan)
        at_most = stage.workers or (accelerators() // gpus if gpus else nodes())
        posts = posts.map_batches(
            _Worker,
            fn_constructor_args=(replace(plan, steps=stage.steps), kept),
            batch_size=batch_size,
            batch_format="numpy",
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=max(1, at_most)),
            udf_modifying_row_count=False,
            num_cpus=1,
            num_gpus=gpus,
        )
    return posts


def _gpus(plan: DistillPlan) -> int:
    """Return how many accelerators a worker takes."""
    if plan.settings.engine is not Engine.VLLM or not accelerators():
        return 0
    parallel = plan.settings.engine_args.get("tensor_parallel_size", 1)
    return parallel if isinstance(parallel, int) else 1


def _posts(job: Job) -> Remote:
    """Return the posts of a file as what Ray Data reads from: one task, block after block."""
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask

    class Posts(Datasource):
        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, *_args: Any, **_more: Any) -> list[Remote]:
            metadata = BlockMetadata(
                num_rows=None, size_bytes=None, input_files=None, exec_stats=None
            )
            return [ReadTask(lambda: _blocks(job), metadata)]

    return Posts()


def _blocks(job: Job) -> Iterator[Remote]:
    accessor: Remote = library().data.block.BlockAccessor
    rows = job.rows()
    while some := list(islice(rows, READ_ROWS)):
        yield accessor.batch_to_block({ROW: _column(some)})


def _column(rows: Sequence[object]) -> Remote:
    """Return rows as a column of objects; numpy would take tuples apart."""
    column = np.empty(len(rows), object)
    for place, row in enumerate(rows):
        column[place] = row
    return column


class _Worker:
    """A worker of a stage: it takes batches of posts through the steps of its stage."""

    def __init__(self, plan: DistillPlan, kept: Remote) -> None:
        self._plan = plan
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
        return {ROW: _column(rows)}

    async def _started(self) -> Distiller | MikoError:
        """Return the distiller; a task of its own opens it, and holds it open."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._hold())
        await self._is_started.wait()
        return self._distiller

    async def _hold(self) -> None:
        try:
            async with distilling(self._plan, _Answers(self._kept)) as (distiller, _):
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


class _Answers:
    """The journal, seen from a worker (ingest.distill.recall.Answers)."""

    def __init__(self, kept: Remote) -> None:
        self._kept = kept

    async def find(self, key: Key) -> Answer | None:
        return await self._kept.find.remote(key)

    async def keep(self, key: Key, answer: Answer) -> Answer:
        return await self._kept.keep.remote(key, answer)


class _KeptJournal:
    """The journal as an actor on the node of the command; it counts for all workers."""

    def __init__(self, path: Any) -> None:
        self._path = path
        self._stack = AsyncExitStack()
        self._tally = Tally()

    async def open(self) -> None:
        self._journal = await self._stack.enter_async_context(journal(self._path))

    async def find(self, key: Key) -> Answer | None:
        answer = await self._journal.find(key)
        if answer is not None and key[0] in STEPS:
            self._tally.recall(answer)
        return answer

    async def keep(self, key: Key, answer: Answer) -> Answer:
        if key[0] in STEPS:
            self._tally.ask(answer)
        return await self._journal.keep(key, answer)

    async def tally(self) -> Tally:
        return self._tally

    async def close(self) -> None:
        await self._stack.aclose()


def _remote(kind: type, **options: Any) -> Remote:
    return library().remote(**options)(kind)


async def _next(blocks: Iterator[Remote]) -> Remote:
    """Return the next block, None at the end."""
    return await anyio.to_thread.run_sync(next, blocks, None)


def _copy(found: Tally, tally: Tally) -> None:
    for name in Tally.__slots__:
        setattr(tally, name, getattr(found, name))
