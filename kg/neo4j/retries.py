"""Trying again what a server could not do just now: for so long, and not all at the same moment."""

import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar

import anyio

from schema.errors import StoreBusyError, StoreError, StoreUnreachableError

T = TypeVar("T")
LOG: Final = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0
JITTER: Final = 0.5
"""Part of a pause that is left to chance, up and down: who failed together does not return so."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one transaction is tried again, from its first failure on.

    Attributes:
        busy_s: While others hold what it needs.
        outage_s: While the server does not answer.
    """

    busy_s: float
    outage_s: float

    def after(self, error: StoreError) -> float:
        """Return how long to try again after an error."""
        return self.outage_s if isinstance(error, StoreUnreachableError) else self.busy_s


NO_PATIENCE: Final = Patience(0.0, 0.0)


async def persistent(attempt: Callable[[], Awaitable[T]], patience: Patience) -> T:
    """Make attempts until one succeeds, fails for good, or the patience is at its end.

    Args:
        attempt: One transaction; that a lost one was committed all the same must do no harm.
        patience: For how long.

    Raises:
        StoreError: That of the last attempt.
    """
    failed: float | None = None
    for pause_s in _pauses():
        try:
            return await attempt()
        except (StoreBusyError, StoreUnreachableError) as error:
            now = monotonic()
            first, failed = failed is None, now if failed is None else failed
            if now + pause_s - failed > patience.after(error):
                raise
            LOG.log(logging.WARNING if first else logging.DEBUG, "%s; trying again", error)
        await anyio.sleep(pause_s)
    raise AssertionError  # there is always another pause


def _pauses() -> Iterator[float]:
    pause_s = FIRST_PAUSE_S
    while True:
        yield pause_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 no secret
        pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)
