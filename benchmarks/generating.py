"""Distilling by vLLM: tokens a second of MIKO beside those of the bare engine, same prompts.

The model is SmolLM2-135M on the CPU: the ratio is the result, not the speed, and not the answers.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import anyio
import anyio.to_thread
import httpx

from benchmarks import vllm_server
from benchmarks.distilling import distilled, written
from benchmarks.language_models import smollm2
from benchmarks.loading import FOLDER
from benchmarks.report import section, table
from ingest.distill.chat import request_of
from ingest.distill.connect import generating
from ingest.distill.generator import Answer, Generator, ModelUse, Prompt
from ingest.distill.in_order import in_order
from ingest.distill.in_process import InProcessGenerator
from ingest.distill.settings import DistillSettings
from ingest.distill.steps import Step

POSTS: Final = {1: 2, 8: 16, 32: 48, 64: 96}
"""Posts by concurrency."""

MAX_TOKENS: Final = 64
ROUNDS: Final = 3
NAME: Final = "smollm2"

Bare = Callable[[Sequence[Prompt], int], Awaitable[int]]
"""Asks prompts, so many at a time; returns the tokens of the answers."""


@dataclass(slots=True)
class Noting:
    """A generator that notes what it was asked."""

    generator: Generator
    prompts: list[Prompt] = field(default_factory=list[Prompt])

    @property
    def use(self) -> ModelUse:
        return self.generator.use

    async def answer(self, prompt: Prompt) -> Answer:
        self.prompts.append(prompt)
        return await self.generator.answer(prompt)


async def main() -> None:
    """Measure and report."""
    model = smollm2()
    rows: list[list[str]] = []
    with vllm_server.serving(model, NAME, FOLDER / "vllm.log") as url:
        settings = DistillSettings(url=url, model=NAME, max_tokens=MAX_TOKENS, temperature=0)
        async with httpx.AsyncClient(timeout=None, limits=httpx.Limits()) as client:  # noqa: S113
            rows += await _compared("server", settings, lambda _: _by_server(client, settings))
    os.environ |= vllm_server.ENVIRONMENT
    settings = DistillSettings(
        engine="vllm",  # pyright: ignore[reportArgumentType] pydantic reads it
        engine_args=vllm_server.ENGINE_ARGS,  # pyright: ignore[reportArgumentType] its JSON
        model=str(model),
        max_tokens=MAX_TOKENS,
        temperature=0,
    )
    rows += await _compared("in process", settings, _by_engine)
    section(
        "generate",
        "Tokens a second by vLLM",
        "SmolLM2-135M in bfloat16 on the CPU; the step extract on posts that were made up, the "
        "prompts that were asked again included. The bare engine is asked the same prompts with "
        f"the same settings, as many at a time; medians of {ROUNDS} rounds in turns, with the "
        "prefixes in the engine's cache. The model is too small for the method: what it answers "
        "says nothing.",
        table(["", "at a time", "MIKO, tokens/s", "bare, tokens/s", "ratio, asked ≥ 0.95"], rows),
    )


async def _compared(
    name: str, settings: DistillSettings, bare_of: Callable[[Generator], Bare]
) -> list[list[str]]:
    rows: list[list[str]] = []
    async with generating(settings) as generator:
        bare = bare_of(generator)
        for concurrency, posts in POSTS.items():
            prompts = (await _distilled(generator, posts, concurrency))[0]  # warms the caches
            await bare(prompts, concurrency)
            ours: list[float] = []
            theirs: list[float] = []
            for _ in range(ROUNDS):
                ours.append((await _distilled(generator, posts, concurrency))[1])
                start = time.perf_counter()
                tokens = await bare(prompts, concurrency)
                theirs.append(tokens / (time.perf_counter() - start))
            ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
            rows.append(
                [
                    name,
                    str(concurrency),
                    f"{statistics.median(ours):,.0f}",
                    f"{statistics.median(theirs):,.0f}",
                    f"**{ratio:.2f}**",
                ]
            )
            print(rows[-1], flush=True)
    return rows


async def _distilled(
    generator: Generator, posts: int, concurrency: int
) -> tuple[list[Prompt], float]:
    """Distill, with a journal of its own; return what was asked, and tokens a second."""
    with tempfile.TemporaryDirectory() as folder:
        job = written(Path(folder), posts, concurrency)
        noting, start = Noting(generator), time.perf_counter()
        _, tally = await distilled(job, noting, (Step.EXTRACT,))
        seconds = time.perf_counter() - start
    return noting.prompts, tally.new_output_tokens / seconds


def _by_server(client: httpx.AsyncClient, settings: DistillSettings) -> Bare:
    """Return what posts the requests, and reads no more of the answers than their tokens."""

    async def ask(prompts: Sequence[Prompt], concurrency: int) -> int:
        tokens = 0

        async def one(prompt: Prompt) -> int:
            sampling = {"max_tokens": MAX_TOKENS, "temperature": 0.0}
            body = request_of(prompt, settings.model) | sampling
            response = await client.post(f"{settings.url}/chat/completions", json=body)
            return response.json()["usage"]["completion_tokens"]

        async def done(found: int) -> None:
            nonlocal tokens
            tokens += found

        await in_order(iter(prompts), one, done, concurrency=concurrency)
        return tokens

    return ask


def _by_engine(generator: Generator) -> Bare:
    """Return what feeds the very engine of a generator, in a loop of its own."""
    engine = cast(InProcessGenerator, generator).engine

    def asked(prompts: Sequence[Prompt], concurrency: int) -> int:
        waiting = list(reversed(prompts))
        tokens = running = 0
        while waiting or running:
            while waiting and running < concurrency:
                engine.add(waiting.pop())
                running += 1
            for answer in engine.step().values():
                tokens += answer.output_tokens
                running -= 1
        return tokens

    async def ask(prompts: Sequence[Prompt], concurrency: int) -> int:
        return await anyio.to_thread.run_sync(asked, prompts, concurrency)

    return ask
