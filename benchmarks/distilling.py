"""Distilling: what MIKO itself costs, beside a generator that answers at once."""

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.machine import peak_memory_gb
from benchmarks.report import quiet, section, table
from ingest.distill.distill import DistillReport, Job, distill, working
from ingest.distill.generator import Answer, Generator, ModelUse, Prompt
from ingest.distill.images import Images
from ingest.distill.journal import journal
from ingest.distill.recall import RecallingGenerator, Tally
from ingest.distill.steps import Distiller, Step
from ingest.distill.web import web
from schema.relations import RELATIONS

POSTS: Final = 20_000
CONCURRENCY: Final = 64
ANSWERS: Final = {
    Step.EXTRACT: json.dumps(
        {
            "concept": "adoption of pets",
            "action": "showing a dog",
            "object": "dog",
            "emotion": "hope",
            "keywords": ["shelter", "dog", "home"],
        }
    ),
    Step.INFER: json.dumps(
        {r.value: f"find a home for the dog in place {n}" for n, r in enumerate(RELATIONS)}
    ),
}


class AtOnce:
    """A generator that answers at once, always the same."""

    use = ModelUse("at-once", "", "{}")

    async def answer(self, prompt: Prompt) -> Answer:
        return Answer(ANSWERS[Step(prompt.step)], 300, 150, engine="none")


async def main() -> None:
    """Measure and report."""
    rows = [[f"{posts:,}", *(await measured(posts))] for posts in (POSTS // 4, POSTS)]
    section(
        "distill",
        "What distilling costs besides the model",
        f"Posts through the steps extract and infer, {CONCURRENCY} at a time, by a generator that "
        "answers at once: reading, prompts, journal, checks of the answers, and the records.",
        table(["posts", "posts/s, asked ≥ 2,000", "peak memory", "posts/s from the journal"], rows),
    )


async def measured(posts: int) -> list[str]:
    """Return posts a second, the peak of memory so far, and posts a second when run again."""
    with tempfile.TemporaryDirectory() as name:
        job = written(Path(name), posts)
        first, again = await _seconds(job, posts), await _seconds(job, posts)
    return [f"{posts / first:,.0f}", f"{peak_memory_gb():.2f} GB", f"{posts / again:,.0f}"]


def written(folder: Path, posts: int, concurrency: int = CONCURRENCY) -> Job:
    """Write posts into a folder; return what is to be done with them."""
    path, known = folder / "posts.jsonl", json.loads(ANSWERS[Step.EXTRACT])
    with path.open("w", encoding="utf-8") as file:
        for number in range(posts):
            text = f"Day {number} at the shelter, and the dog still waits #adopt #mondaymotivation"
            row = {"id": f"made:{number}", "text": text, "key_information": known}
            file.write(json.dumps(row) + "\n")
    return Job(path, folder / "records.jsonl", folder / "rejects.jsonl", None, concurrency)


async def distilled(
    job: Job, generator: Generator, steps: Sequence[Step]
) -> tuple[DistillReport, Tally]:
    """Distill as the command does, with this generator."""
    async with journal(job.journal) as kept, web(job.fetched, allows_private=False) as fetching:
        recalling = RecallingGenerator(generator, kept)
        distiller = Distiller(recalling, steps, Images(job.posts.parent, fetching))
        report = DistillReport()
        await distill(job, working(distiller), recalling.tally, report, quiet)
        return report, recalling.tally


async def _seconds(job: Job, posts: int) -> float:
    start = time.perf_counter()
    report, _ = await distilled(job, AtOnce(), (Step.EXTRACT, Step.INFER))
    seconds = time.perf_counter() - start
    assert (report.distilled, report.set_aside) == (posts, 0)
    return seconds
