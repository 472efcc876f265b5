"""Timing on noisy machines: one call at a time, what is compared taken in turns, medians."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Question = TypeVar("Question")
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of single calls."""

    ms: Sequence[float]

    @property
    def p50(self) -> float:
        """The median."""
        return float(np.percentile(self.ms, 50))

    @property
    def p95(self) -> float:
        """The 95th percentile."""
        return float(np.percentile(self.ms, 95))

    def __str__(self) -> str:
        """Return both, as tables show them."""
        return f"{self.p50:.2f} / {self.p95:.2f}"


async def in_turns(
    questions: Sequence[Question], *answers: Callable[[Question], Awaitable[object]]
) -> list[Times]:
    """Ask each question of each in turn, after a few that do not count; return their times."""
    taken: list[list[float]] = [[] for _ in answers]
    for place, question in enumerate([*questions[:WARM_UP], *questions]):
        for times, answer in zip(taken, answers, strict=True):
            start = time.perf_counter()
            await answer(question)
            if place >= WARM_UP:
                times.append(1000 * (time.perf_counter() - start))
    return [Times(times) for times in taken]
