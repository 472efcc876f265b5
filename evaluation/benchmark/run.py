"""The whole way of `miko bench-models`: from files and models to the table."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from evaluation.benchmark.encoder import TokenEncoder, encoder
from evaluation.benchmark.judge import Judge
from evaluation.benchmark.measures import Scorer
from evaluation.benchmark.outputs import AskingPlan, answering, asked
from evaluation.benchmark.report import System, Table, table, written_in
from evaluation.benchmark.split import ReferenceSplit, split_of
from evaluation.bootstrap import Resampling
from ingest.distill.settings import DistillSettings
from ingest.progress import NotingReport
from kg.embedder import Embedder
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings


class Watcher(Protocol):
    """Shows a person how it goes."""

    def counting(self, what: str, unit: str) -> AbstractContextManager[NotingReport]:
        """Show how many of a unit are done."""
        ...

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Show that something takes its time."""
        ...

    def tell(self, name: str, faults: Counter[str]) -> None:
        """Say what was wrong with what a system wrote, or a judge, and how often."""
        ...


@dataclass(frozen=True, slots=True)
class JudgingPlan:
    """Which model judges, and the folder where its answers are kept."""

    settings: DistillSettings
    out: Path


@dataclass(frozen=True, slots=True)
class BenchmarkPlan:
    """What is compared, and how.

    Attributes:
        test: The posts.
        references: The file with their tails.
        outputs: What systems wrote: each one's name and file.
        asking: Which rows a model is asked for; None for none.
        judging: Which model judges; None for none.
        encoder: Model of BERTScore, by path or name.
        layer: Its layer; None for the last.
        how: The draws of intervals and tests.
    """

    test: Path
    references: Path
    outputs: Sequence[tuple[str, Path]]
    asking: AskingPlan | None
    judging: JudgingPlan | None
    encoder: str
    layer: int | None
    how: Resampling


async def benchmarked(plan: BenchmarkPlan, watcher: Watcher) -> Table:
    """Read what systems wrote, ask the model, and measure them all.

    Raises:
        FormatError, InputError: A file cannot be read or written, or holds too little.
        GeneratorError: A model cannot be asked.
        ModelLoadError: A model that measures cannot be loaded.
    """
    split = await split_of(plan.test, plan.references)
    systems = await _systems(plan, split, watcher)
    for system in systems:
        watcher.tell(system.name, system.faults)
    async with (
        _measuring(plan, watcher) as (tokens, embedder),
        _judges(plan.judging, split) as judges,
    ):
        scorings = [Scorer(split, tokens, embedder), *judges]
        with watcher.counting("Measuring", "systems") as progress:
            found = await table(split, systems, scorings, plan.how, progress)
        for one in judges:
            watcher.tell("judge", one.faults)
    return found


async def _systems(plan: BenchmarkPlan, split: ReferenceSplit, watcher: Watcher) -> list[System]:
    given = [await written_in(path, name, split) for name, path in plan.outputs]
    if plan.asking is None:
        return given
    return [*given, *await asked(plan.asking, split, partial(watcher.counting, unit="posts"))]


@asynccontextmanager
async def _measuring(
    plan: BenchmarkPlan, watcher: Watcher
) -> AsyncGenerator[tuple[TokenEncoder, Embedder]]:
    with watcher.waiting("Loading the models that measure"):
        loaded = await encoder(plan.encoder, plan.layer)
    async with sentence_embedder(EmbedderSettings()) as embedder:
        yield loaded, embedder


@asynccontextmanager
async def _judges(plan: JudgingPlan | None, split: ReferenceSplit) -> AsyncGenerator[list[Judge]]:
    if plan is None:
        yield []
        return
    async with answering(plan.settings, plan.out) as generator:
        yield [Judge(generator, split.posts, plan.settings.concurrency)]
