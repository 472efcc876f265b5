"""Posts into records: so many at a time, in their order, whatever becomes of each."""

import gc
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import anyio.to_thread

from ingest.distill.draft import draft, drafted
from ingest.distill.posts import PostLine, Row, rows
from ingest.distill.recall import Tally
from ingest.distill.steps import Distiller
from ingest.formats.format import Rejected
from ingest.formats.lines import lines
from ingest.in_order import in_order
from ingest.progress import NotingReport
from ingest.rejects import Rejects
from schema.errors import InputError, RecordError
from schema.records import Record

JOURNAL_ENDING: Final = ".journal"
IMAGES_ENDING: Final = ".images"
TOLD_S: Final = 0.1
"""How often progress is told, at most."""

REASONS_LIMIT: Final = 1000
"""Most reasons that are counted; one may hold a number that is another for each post."""

Outcome = Record | tuple[Rejected, ...]
"""A record, or why there is none."""

Done = Callable[[Outcome], Awaitable[None]]
"""Takes an outcome, in the order of the posts."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be distilled.

    Attributes:
        posts: A file of posts.
        out: Where the records go; the journal is beside it.
        rejects: Where it is noted what was set aside.
        limit: Only so many posts, from the first on; None for all.
        concurrency: So many posts at a time.
    """

    posts: Path
    out: Path
    rejects: Path
    limit: int | None
    concurrency: int

    @property
    def journal(self) -> Path:
        """The journal of this file of records."""
        return self.out.with_name(self.out.name + JOURNAL_ENDING)

    @property
    def fetched(self) -> Path:
        """Where images from the web are kept, made when there is one."""
        return self.out.with_name(self.out.name + IMAGES_ENDING)

    def check(self) -> None:
        """Refuse what would write over the posts, before anything is written.

        Raises:
            FormatError: The posts cannot be read.
            InputError: Two files are one, or the records would be a folder.
        """
        if self.out.is_dir():
            raise InputError(f"{self.out} is a folder: name a file by --out")
        named = {path.resolve() for path in (self.posts, self.out, self.rejects)}
        if len(named) < 3:
            raise InputError("the posts, --out and --rejects are to be three files: name others")
        if (own := drafted(self.out).resolve()) in named:
            raise InputError(f"{own} is written and removed by this command: name another --out")
        next(lines(self.posts), None)

    def rows(self) -> Iterator[Row]:
        """Yield the posts."""
        return islice(rows(self.posts), self.limit)

    def size(self) -> int:
        """Return how many posts that is; it blocks."""
        return sum(1 for _ in islice(lines(self.posts), self.limit))


@dataclass(slots=True)
class DistillReport:
    """What became of the posts, as far as they went.

    Attributes:
        distilled: How many are records.
        set_aside: How many are not.
        reasons: Why, with the field or the step, and how often; of many, those that came first.
    """

    distilled: int = 0
    set_aside: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        if isinstance(outcome, Record):
            self.distilled += 1
            return
        self.set_aside += 1
        fault = outcome[0]
        reason = f"{fault.field}: {fault.reason}" if fault.field else fault.reason
        if reason in self.reasons or len(self.reasons) < REASONS_LIMIT:
            self.reasons[reason] += 1

    @property
    def commonest(self) -> tuple[str, int]:
        """The commonest reason, and how often it was; empty where none was set aside."""
        return next(iter(self.reasons.most_common(1)), ("", 0))


Work = Callable[[Job, Done], Awaitable[None]]
"""Takes every post to its outcome, on this machine or on many."""


async def distill(
    job: Job, work: Work, tally: Tally, report: DistillReport, progress: NotingReport
) -> None:
    """Distill posts into a file of records, in their order; safe to stop and to run again.

    Args:
        job: What is to be distilled.
        work: What takes the posts to their outcomes.
        tally: What the work counts.
        report: Told what becomes of them, also where an error ends the run.
        progress: Likewise.

    Raises:
        InputError: A file cannot be written.
        GeneratorError: The model cannot be asked.
    """
    start = told = time.monotonic()
    size = await anyio.to_thread.run_sync(job.size)
    with Rejects(job.rejects) as set_aside:
        async with draft(job.out) as records:

            async def done(outcome: Outcome) -> None:
                report.add(outcome)
                if isinstance(outcome, Record):
                    await records.add(outcome)
                else:
                    for fault in outcome:
                        set_aside.add(job.posts, fault)
                tell()

            def tell(every_s: float = TOLD_S) -> None:
                nonlocal told
                now = time.monotonic()
                if now - told >= every_s:
                    told = now
                    note = _note(report, tally, now - start)
                    progress(report.distilled + report.set_aside, size, note)

            with _few_objects():
                await work(job, done)
            tell(0.0)


def working(distiller: Distiller) -> Work:
    """Return the work of one distiller, so many posts at a time."""

    async def work(job: Job, done: Done) -> None:
        def outcome(row: Row) -> Awaitable[Outcome]:
            return outcome_of(row, distiller)

        await in_order(job.rows(), outcome, done, concurrency=job.concurrency)

    return work


async def outcome_of(row: Row, distiller: Distiller) -> Outcome:
    """Return what becomes of a line.

    Raises:
        GeneratorError: The model cannot be asked.
    """
    if not isinstance(row, PostLine):
        return row
    try:
        return await distiller.distilled(row)
    except RecordError as error:
        return (Rejected(row.number, error.field, error.reason),)


@contextmanager
def _few_objects() -> Generator[None]:
    """Keep the garbage collector from what was there before: a fifth of the time went there."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _note(report: DistillReport, tally: Tally, elapsed_s: float) -> str:
    speed = f"{tally.new_output_tokens / max(elapsed_s, 1e-3):,.0f} tokens/s"
    return f"{speed}, {report.set_aside:,} set aside" if report.set_aside else speed
