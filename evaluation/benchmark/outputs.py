"""From a test split to outputs: a model is asked with so many examples, and each answer is kept."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio.to_thread

from evaluation.benchmark.asking import Asking, Outcome
from evaluation.benchmark.examples import ShownExample, examples_of
from evaluation.benchmark.reading import Slot
from evaluation.benchmark.report import System
from evaluation.benchmark.split import ReferenceSplit
from evaluation.folders import make_folder
from ingest.distill.connect import generating
from ingest.distill.draft import draft
from ingest.distill.generator import Generator
from ingest.distill.journal import journal
from ingest.distill.recall import RecallingGenerator
from ingest.distill.settings import DistillSettings
from ingest.progress import NotingReport
from schema.errors import InputError

JOURNAL: Final = "answers.journal"
Counting = Callable[[str], AbstractContextManager[NotingReport]]
"""Shows how many posts are done of what is named."""


@dataclass(frozen=True, slots=True)
class AskingPlan:
    """Which rows are asked for.

    Attributes:
        settings: Which model, and how it is asked.
        name: How the table calls it.
        shots: How many examples, for each row.
        train: Where examples are drawn from; None where there are none.
        seed: Of that draw.
        out: Folder of the outputs and the journal.
    """

    settings: DistillSettings
    name: str
    shots: Sequence[int]
    train: Path | None
    seed: int
    out: Path

    def place(self, shots: int) -> Path:
        """Return the file of a row's outputs."""
        return self.out / f"{self.name.replace('/', '_')}.{shots}-shot.jsonl"


async def asked(plan: AskingPlan, split: ReferenceSplit, counting: Counting) -> list[System]:
    """Ask a model for each post of a split, once for each row, and write the outputs.

    Safe to stop and to run again: the journal knows every answer.

    Raises:
        FormatError, InputError: A file cannot be read or written, or holds too few examples.
        GeneratorError: The model cannot be asked.
    """
    drawn = await _drawn(plan, split)
    async with answering(plan.settings, plan.out) as generator:
        return [await _row(plan, split, generator, drawn[:shots], counting) for shots in plan.shots]


@asynccontextmanager
async def answering(settings: DistillSettings, out: Path) -> AsyncGenerator[Generator]:
    """Give the generator of the settings, behind the journal in a folder, made where it is not.

    Raises:
        InputError: The folder cannot be made, or the journal not be used.
        GeneratorError: The generator cannot be started.
    """
    await anyio.to_thread.run_sync(make_folder, out, "--out")
    async with journal(out / JOURNAL) as kept, generating(settings) as generator:
        yield RecallingGenerator(generator, kept)


async def _drawn(plan: AskingPlan, split: ReferenceSplit) -> Sequence[ShownExample]:
    """Draw the examples of the row that has most."""
    if not any(plan.shots):
        return ()
    if plan.train is None:
        raise InputError("--shots needs posts to draw examples from: name a file by --train")
    return await examples_of(plan.train, split.posts, shots=max(plan.shots), seed=plan.seed)


async def _row(
    plan: AskingPlan,
    split: ReferenceSplit,
    generator: Generator,
    examples: Sequence[ShownExample],
    counting: Counting,
) -> System:
    name = f"{plan.name}, {called(len(examples))}"
    with counting(name) as progress:
        asking = Asking(generator, examples, plan.settings.concurrency)
        found = await asking.asked(split.posts, progress)
    async with draft(plan.place(len(examples))) as file:
        for record in found.records:
            await file.add(record)
    return System(name, [generator.use.model], _tails(found), Counter(found.faults))


def called(shots: int) -> str:
    """Return how a table calls so many examples."""
    return f"{shots}-shot" if shots else "zero-shot"


def _tails(found: Outcome) -> dict[Slot, str]:
    return {
        (record.id, said.relation): said.text
        for record in found.records
        for said in record.intentions
    }
