"""What distilling a file would take, from a sample of it."""

import time
from dataclasses import dataclass
from itertools import islice

import anyio.to_thread

from ingest.distill.distill import DistillReport, Job, Outcome, outcome_of
from ingest.distill.posts import Row, rows
from ingest.distill.recall import Tally
from ingest.distill.steps import Distiller
from ingest.in_order import in_order
from ingest.progress import NotingReport


@dataclass(frozen=True, slots=True)
class Estimate:
    """What all of the posts would take, were they like the sample.

    Attributes:
        posts: How many there are.
        sampled: How many were asked for.
        set_aside: How many of these came to nothing.
        reason: The commonest reason of these, empty where there is none.
        prompt_tokens: For all posts; None where there are answers, and none of them tells.
        output_tokens: Likewise.
        seconds: For all posts; None where none was asked for.
        asked: Prompts of the sample that the model answered.
        recalled: Those that the journal did.
    """

    posts: int
    sampled: int
    set_aside: int
    reason: str
    prompt_tokens: int | None
    output_tokens: int | None
    seconds: float | None
    asked: int
    recalled: int

    def cost(self, price_in: float, price_out: float) -> float | None:
        """Return what that costs, at prices of a million tokens; None where that is unknown."""
        cost = 0.0
        for tokens, price in ((self.prompt_tokens, price_in), (self.output_tokens, price_out)):
            if price and tokens is None:
                return None
            cost += price * (tokens or 0) / 1e6
        return cost


async def estimate(
    job: Job, distiller: Distiller, tally: Tally, *, sample: int, progress: NotingReport
) -> Estimate:
    """Distill some posts, evenly spread over the file; their answers go to the journal only.

    The time is that of the sample, of images that were read too, as if none had been recalled. It
    is of a model as busy as it was: more posts at a time than the sample has may take less.

    Raises:
        GeneratorError: The model cannot be asked.
    """
    size = await anyio.to_thread.run_sync(job.size)
    # Read before the time is taken: to look through the file is no part of each post's.
    some = await anyio.to_thread.run_sync(_spread, job, size, sample)
    report = DistillReport()

    async def done(outcome: Outcome) -> None:
        report.add(outcome)
        progress(report.distilled + report.set_aside, len(some))

    start = time.monotonic()
    await in_order(
        iter(some), lambda row: outcome_of(row, distiller), done, concurrency=job.concurrency
    )
    took_s = time.monotonic() - start
    sampled = report.distilled + report.set_aside
    share = size / sampled if sampled else 0.0
    prompts = tally.asked + tally.recalled
    return Estimate(
        size,
        sampled,
        report.set_aside,
        report.commonest[0],
        _told(tally.prompt_tokens, share, prompts),
        _told(tally.output_tokens, share, prompts),
        took_s * share * prompts / tally.asked if tally.asked else None,
        tally.asked,
        tally.recalled,
    )


def _told(tokens: int, share: float, prompts: int) -> int | None:
    return round(tokens * share) if tokens or not prompts else None


def _spread(job: Job, size: int, sample: int) -> list[Row]:
    """Return a sample, evenly spread over the file."""
    step = max(1, -(-size // sample))
    return list(islice(rows(job.posts, step), -(-size // step)))
