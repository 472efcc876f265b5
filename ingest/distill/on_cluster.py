"""Distilling on a Ray cluster: the steps as stages of Ray Data, the journal with the command.

Posts are read on the machine of the command, and go in blocks through one stage or several. A
stage is a pool of workers, each with a generator of its own: one vLLM engine an accelerator. Ray
Data holds back what a later stage has no room for, and gives a worker's posts to another when it
dies; what had been answered by then is in the journal, and is not asked again.
"""

import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import anyio

from ingest.cluster import GPU, Remote, cause_of, here, library, nodes, resources
from ingest.distill.connect import DistillPlan
from ingest.distill.distill import Done, Job, Outcome, Work
from ingest.distill.kept_journal import KeptJournal
from ingest.distill.posts import PostLine
from ingest.distill.recall import Tally
from ingest.distill.settings import Engine
from ingest.distill.stages import Stage
from ingest.distill.worker import ROW, Taken, Worker, column
from schema.errors import ClusterError, MikoError

ROUNDS: Final = 2
"""Posts that travel together, for each that a worker takes at a time."""

JOURNAL_CLOSE_LIMIT_S: Final = 10.0
READ_ROWS: Final = 256

BETWEEN: Final = 1
"""Processors that cutting blocks for the workers takes, beside theirs."""

BATCHES: Final = 4
"""Batches that Ray Data gives a worker at a time."""


@asynccontextmanager
async def on_cluster(
    plan: DistillPlan, stages: Sequence[Stage], journal: Path, tally: Tally
) -> AsyncGenerator[Work]:
    """Give the work of a cluster to which this process is connected (ingest.cluster).

    The journal is open meanwhile, so no other run writes the same records.

    Raises:
        InputError: Another run has the journal open, or it cannot be opened.
        ClusterError: The cluster has too few processors or accelerators for the stages.
    """
    _check_room(plan, stages)
    ray = library()
    kept = _kept(journal)

    async def work(job: Job, done: Done) -> None:
        # Workers have a folder of their own to work in.
        at = replace(job, posts=job.posts.resolve(), out=job.out.resolve())
        asked = replace(plan, images=plan.images.resolve(), fetched=plan.fetched.resolve())
        running = _on_this_node(_Running, at, asked, stages, kept)
        try:
            while (rows := await running.next.remote()) is not None:
                _copy(await kept.tally.remote(), tally)
                for row in rows:
                    await done(_outcome(row))
        finally:
            ray.kill(running)

    try:
        await kept.open.remote()
        yield work
    except ray.exceptions.RayError as error:
        raise cause_of(error) from error
    finally:
        with (
            anyio.move_on_after(JOURNAL_CLOSE_LIMIT_S, shield=True),
            suppress(ray.exceptions.RayError),
        ):
            await kept.close.remote()


def _kept(journal: Path) -> Remote:
    return _on_this_node(KeptJournal, journal.resolve())


def _check_room(plan: DistillPlan, stages: Sequence[Stage]) -> None:
    """Refuse stages that would wait for each other for ever: each has a worker from the start.

    Raises:
        ClusterError: It is so.
    """
    gpus = _gpus(plan)
    needed = {"CPU": len(stages) + BETWEEN, "GPU": len(stages) * gpus}
    for name, count in needed.items():
        there = resources(name)
        if count > there:
            raise ClusterError(
                f"the cluster has {there} {name}s, and {len(stages)} stages need {count}: give one "
                "number of --workers, which is one stage, or add nodes"
            )


class _Running:
    """The posts on their way, in a process of their own: what ends it ends the stages as well.

    Ray Data has threads that go on for a while after they are told to end; in the process of the
    command they would connect to the cluster anew.
    """

    def __init__(self, job: Job, plan: DistillPlan, stages: Sequence[Stage], kept: Remote) -> None:
        self._blocks = iter(_dataset(job, plan, stages, kept).iter_batches(batch_size=None))

    def next(self) -> Sequence[Taken] | None:
        """Return the next block of what has been through all stages, None at the end."""
        block = next(self._blocks, None)
        return None if block is None else block[ROW]


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
        at_most = stage.workers or (resources(GPU) // gpus if gpus else nodes())
        posts = posts.map_batches(
            Worker,
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
    """Return how many accelerators a worker takes: an endpoint has its own."""
    if plan.settings.engine is Engine.OPENAI or not resources(GPU):
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
        yield accessor.batch_to_block({ROW: column(some)})


def _on_this_node(kind: type, *arguments: Any) -> Remote:
    """Start an actor beside this process."""
    return library().remote(num_cpus=0, label_selector=here())(kind).remote(*arguments)


def _copy(found: Tally, tally: Tally) -> None:
    for name in Tally.__slots__:
        setattr(tally, name, getattr(found, name))
