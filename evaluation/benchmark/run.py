"""From a test split to outputs: a model is asked with so many examples, and each answer is kept."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio.to_thread

from evaluation.benchmark.asking import Asked, Asking
from evaluation.benchmark.examples import Example, examples_of
from evaluation.benchmark.reading import Slot
from evaluation.benchmark.report import System
from evaluation.benchmark.split import Split
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
class Order:
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


async def asked(order: Order, split: Split, counting: Counting) -> list[System]:
    """Ask a model for each post of a split, once for each row, and write the outputs.

    Safe to stop and to run again: the journal knows every answer.

    Raises:
        FormatError, InputError: A file cannot be read or written, or holds too few examples.
        GeneratorError: The model cannot be asked.
    """
    drawn = await _drawn(order, split)
    async with answering(order.settings, order.out) as generator:
        return [
            await _row(order, split, generator, drawn[:shots], counting) for shots in order.shots
        ]


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


async def _drawn(order: Order, split: Split) -> Sequence[Example]:
    """Draw the examples of the row that has most."""
    if not any(order.shots):
        return ()
    if order.train is None:
        raise InputError("--shots needs posts to draw examples from: name a file by --train")
    return await examples_of(order.train, split.posts, shots=max(order.shots), seed=order.seed)


async def _row(
    order: Order,
    split: Split,
    generator: Generator,
    examples: Sequence[Example],
    counting: Counting,
) -> System:
    name = f"{order.name}, {called(len(examples))}"
    with counting(name) as progress:
        asking = Asking(generator, examples, order.settings.concurrency)
        found = await asking.asked(split.posts, progress)
    async with draft(order.place(len(examples))) as file:
        for record in found.records:
            await file.add(record)
    return System(name, [generator.use.model], _tails(found), Counter(found.faults))


def called(shots: int) -> str:
    """Return how a table calls so many examples."""
    return f"{shots}-shot" if shots else "zero-shot"


def _tails(found: Asked) -> dict[Slot, str]:
    return {
        (record.id, said.relation): said.text
        for record in found.records
        for said in record.intentions
    }
