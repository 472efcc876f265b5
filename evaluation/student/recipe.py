"""How a student is taught: everything, besides model and lessons, that decides what comes out."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count, islice
from math import ceil
from typing import Final

import orjson

from evaluation.student.tokens import TokenizedLessons
from schema.text import digest

WARMING: Final = 0.05
"""Share of the steps in which the rate rises to its height, from which it falls to 0 in a line."""

WINDOW: Final = 8
"""Batches whose examples are sorted by length together, which spares the padding."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How it is taught.

    Attributes:
        epochs: How often each lesson is learnt.
        batch: Lessons of one step.
        rate: Greatest learning rate.
        rank: Of LoRA's matrices.
        seed: Of their first values, and of the order.
    """

    epochs: float = 2.0
    batch: int = 8
    rate: float = 1e-3
    rank: int = 16
    seed: int = 0

    def steps(self, rows: int) -> int:
        """Return how many steps that is, of so many lessons."""
        return max(1, ceil(self.epochs * rows / self.batch))

    def rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate of a step, from 0."""
        warming = max(1, round(WARMING * steps))
        return self.rate * min((step + 1) / warming, (steps - step) / max(1, steps - warming + 1))

    def batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Yield the places of the lessons of each step; the same seed gives the same."""
        every = (batch for epoch in count() for batch in self._epoch(lengths, epoch))
        return islice(every, self.steps(len(lengths)))

    def _epoch(self, lengths: Sequence[int], epoch: int) -> Iterator[list[int]]:
        drawn = random.Random(f"{self.seed} {epoch}")  # noqa: S311 an order, no secret
        order = drawn.sample(range(len(lengths)), len(lengths))
        for start in range(0, len(order), self.batch * WINDOW):
            window = sorted(
                order[start : start + self.batch * WINDOW], key=lambda place: lengths[place]
            )
            some = [window[n : n + self.batch] for n in range(0, len(window), self.batch)]
            yield from drawn.sample(some, len(some))

    def id_of(self, examples: TokenizedLessons, base: str) -> str:
        """Return a hash: another model, recipe or lesson is another student."""
        told = orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS).decode()
        rows = (f"{row.tokens} {row.counted}" for row in examples.rows)
        return digest("student", base, told, str(examples.shared), *rows)
