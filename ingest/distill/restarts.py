"""How often a worker of a cluster may lose its engine before the run ends."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

RESTARTS: Final = 3
"""How often a worker is begun anew in a row."""

ENOUGH: Final = 1_000
"""Answers after which an engine that ends begins another row: it works, and met with an accident.
One that ends sooner, again and again, meets with what the next one will meet with too."""


@dataclass(slots=True)
class Restarts:
    """Counts engines that ended, by worker."""

    _in_a_row: Counter[str] = field(default_factory=Counter[str])

    def may_begin(self, worker: str, answers: int) -> bool:
        """Note that a worker's engine has ended; return whether it may have another.

        Args:
            worker: The worker; its name outlives its process.
            answers: How many the engine had given.
        """
        if answers >= ENOUGH:
            del self._in_a_row[worker]
        self._in_a_row[worker] += 1
        return self._in_a_row[worker] <= RESTARTS
