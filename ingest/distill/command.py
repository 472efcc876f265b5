"""The command ``distill``."""

import time
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ingest.command import REJECTED, Json, Ray
from schema.errors import InputError, MikoError, OptionError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from contextlib import AbstractContextManager

    from ingest.distill.connect import DistillPlan
    from ingest.distill.distill import DistillReport, Job
    from ingest.distill.estimate import Estimate
    from ingest.distill.recall import Tally
    from ingest.distill.settings import DistillSettings
    from ingest.distill.stages import Stage
    from ingest.distill.steps import Distiller, Step
    from ingest.progress import NotingReport


SAMPLE: Final = 20
"""Posts that an estimate asks, unless told."""


def distill(
    posts: Annotated[Path, typer.Argument(help="Posts, one record a line, plain or gzip.")],
    out: Annotated[
        Path, typer.Option(help="Where the records go; the journal is beside it.")
    ] = Path("records.jsonl"),
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="ENGINE",
            help="`openai`: the API at --url. `vllm`: vLLM in this process. `transformers`: a "
            "small model there. Else MIKO_DISTILL_ENGINE, or openai.",
        ),
    ] = None,
    engine_args: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help="Arguments of vLLM's engine in this process; else MIKO_DISTILL_ENGINE_ARGS.",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="OpenAI-compatible API, before /chat/completions; else MIKO_DISTILL_URL, or "
            "http://127.0.0.1:8000/v1.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Name of the model there; else MIKO_DISTILL_MODEL.")
    ] = None,
    steps: Annotated[
        str,
        typer.Option(help="Steps that follow one another, each on what the one before made."),
    ] = "describe,extract,infer",
    rejects: Annotated[
        Path, typer.Option(help="Where posts that were set aside are noted: line, step, reason.")
    ] = Path("rejects.jsonl"),
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that the images' paths are relative to; else that of the posts."),
    ] = None,
    ocr: Annotated[
        bool, typer.Option(help="Read the writing in images, and tell it to the model.")
    ] = True,
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="Fetch images from private addresses as well."),
    ] = False,
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=20,
            help="How often intentions are asked for; what is alike is merged, with the share of "
            "the samples that agree. Else MIKO_DISTILL_SAMPLES, or 1.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many posts.")] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1, max=1024, help="Posts at a time; else MIKO_DISTILL_CONCURRENCY, or 32."
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            min=0, max=2, help="How freely it samples; else MIKO_DISTILL_TEMPERATURE, or 0.7."
        ),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=32_768,
            help="Most tokens of an answer; else MIKO_DISTILL_MAX_TOKENS, or 1024.",
        ),
    ] = None,
    ray: Ray = None,
    workers: Annotated[
        str,
        typer.Option(
            metavar="N",
            help="Workers of the cluster, each with a generator of its own: a number, or one a "
            "step, as describe=2,extract=2,infer=6. Else one an accelerator, or one a node.",
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask a sample of the posts, and estimate the rest.")
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help=f"Posts that --dry-run asks; else {SAMPLE}."),
    ] = None,
    price_in: Annotated[
        float | None,
        typer.Option(min=0, help="Price of a million tokens of prompts, for --dry-run."),
    ] = None,
    price_out: Annotated[
        float | None, typer.Option(min=0, help="Price of a million tokens of answers, likewise.")
    ] = None,
    json: Json = False,
) -> None:
    """Distill posts into records by a language model; safe to stop and to run again.

    [bold]Examples[/bold]

      miko distill posts.jsonl --model Qwen/Qwen2.5-VL-7B-Instruct

      miko distill posts.jsonl --out records.jsonl --url http://127.0.0.1:8000/v1 --model NAME

      miko distill posts.jsonl --model NAME --dry-run --price-in 0.15 --price-out 0.6

      miko distill described.jsonl --model NAME --steps extract,infer

      miko distill posts.jsonl --engine vllm --model NAME --engine-args '{"max_model_len": 8192}'

      miko distill extracted.jsonl --steps infer --engine transformers --model student

      miko distill posts.jsonl --model NAME --samples 5

      miko distill posts.jsonl --engine vllm --model NAME --ray 10.0.0.1:6379 --workers 8

    The key of the endpoint is in MIKO_DISTILL_API_KEY. Exit code 3 says that some posts were set
    aside: they are noted in the reject file, the others are distilled.
    """
    import anyio

    from ingest.distill.connect import DistillPlan
    from ingest.distill.distill import DistillReport, Job
    from kg.settings import EmbedderSettings

    of_estimate = {"--sample": sample, "--price-in": price_in, "--price-out": price_out}
    if workers and ray is None:
        raise OptionError("--workers", "are those of a cluster: name one by --ray")
    if dry_run and ray is not None:
        raise OptionError("--dry-run", "asks from this machine: leave --ray out")
    if images is not None and not images.is_dir():
        raise OptionError("--images", "is no folder")
    for name, told in of_estimate.items():
        if told is not None and not dry_run:
            raise OptionError(name, "is of an estimate: ask for one by --dry-run")
    settings = _settings(
        {
            "engine": engine,
            "engine_args": engine_args,
            "url": url,
            "model": model,
            "samples": samples,
            "concurrency": concurrency,
            "temperature": temperature,
            "max_tokens": max_tokens,
        }
    )
    job = Job(posts, out, rejects, limit, settings.concurrency)
    job.check()
    plan = DistillPlan(
        settings,
        _steps(steps),
        images or posts.parent,
        job.fetched,
        EmbedderSettings(),
        has_ocr=ocr,
        allows_private=allow_private,
    )
    stages = _stages(workers, plan.steps)
    report = DistillReport()
    task = _Task(job, plan, report, is_silent=json)
    if dry_run:
        found = anyio.run(task.estimate, sample or SAMPLE)
        if not found.posts:
            typer.echo(f"{posts} holds no posts", err=True)
        _print_estimate(found, price_in, price_out, as_json=json)
        if found.set_aside:
            raise typer.Exit(REJECTED)
        return
    start = time.monotonic()
    try:
        tally = anyio.run(task.distill) if ray is None else anyio.run(task.distill_on, ray, stages)
    except (MikoError, KeyboardInterrupt):
        if report.set_aside:
            typer.echo(f"{report.set_aside:,} posts were set aside: see {rejects}", err=True)
        raise
    _print_report(job, report, tally, time.monotonic() - start, as_json=json)
    if report.set_aside:
        raise typer.Exit(REJECTED)


@dataclass(frozen=True, slots=True)
class _Task:
    job: "Job"
    plan: "DistillPlan"
    report: "DistillReport"
    is_silent: bool

    async def distill(self) -> "Tally":
        from ingest.distill.distill import distill, working

        async with self._distilling() as (distiller, tally):
            with self._counting("Distilling") as progress:
                await distill(self.job, working(distiller), tally, self.report, progress)
        return tally

    async def distill_on(self, address: str, stages: "Sequence[Stage]") -> "Tally":
        from ingest.cluster import connected
        from ingest.distill.distill import distill
        from ingest.distill.on_cluster import on_cluster
        from ingest.distill.recall import Tally

        tally = Tally()
        with connected(address), self._counting("Distilling") as progress:
            async with on_cluster(self.plan, stages, self.job.journal, tally) as work:
                await distill(self.job, work, tally, self.report, progress)
        return tally

    async def estimate(self, sample: int) -> "Estimate":
        from ingest.distill.estimate import estimate

        async with self._distilling() as (distiller, tally):
            with self._counting("Asking a sample") as progress:
                return await estimate(self.job, distiller, tally, sample=sample, progress=progress)

    @asynccontextmanager
    async def _distilling(self) -> "AsyncGenerator[tuple[Distiller, Tally]]":
        from ingest.distill.connect import distilling
        from ingest.distill.journal import journal

        async with (
            journal(self.job.journal) as kept,
            distilling(self.plan, kept) as (distiller, tally),
        ):
            yield distiller, tally

    def _counting(self, what: str) -> "AbstractContextManager[NotingReport]":
        from ingest.progress import counting

        return counting(what, "posts", hidden=self.is_silent)


def _settings(options: dict[str, object]) -> "DistillSettings":
    from ingest.distill.settings import settings_to_ask

    settings = settings_to_ask(options)
    if settings.samples > 1 and not settings.temperature:
        raise InputError("several samples are all the same at --temperature 0: set another")
    return settings


def _steps(text: str) -> "tuple[Step, ...]":
    from ingest.distill.steps import steps_of

    try:
        return steps_of(text)
    except ValueError as error:
        raise OptionError("--steps", str(error)) from error


def _stages(workers: str, steps: "Sequence[Step]") -> "tuple[Stage, ...]":
    from ingest.distill.stages import stages_of

    try:
        return stages_of(workers, steps)
    except ValueError as error:
        raise OptionError("--workers", str(error)) from error


def _print_report(
    job: "Job", report: "DistillReport", tally: "Tally", took_s: float, *, as_json: bool
) -> None:
    if not report.distilled and not report.set_aside:
        typer.echo(f"{job.posts} holds no posts", err=True)
    if not report.distilled and job.out.stat().st_size:
        typer.echo(f"{job.out} is as it was before: no post was distilled", err=True)
    if report.set_aside:
        reason, count = report.commonest
        typer.echo(
            f"Why posts were set aside: see {job.rejects}; mostly ({count:,}): {reason}", err=True
        )
    if as_json:
        import orjson

        done = {
            "distilled": report.distilled,
            "set_aside": report.set_aside,
            "asked": tally.asked,
            "recalled": tally.recalled,
            "prompt_tokens": tally.prompt_tokens,
            "output_tokens": tally.output_tokens,
        }
        typer.echo(orjson.dumps(done).decode())
        return
    typer.echo(f"{job.out}: {report.distilled:,} posts distilled, {report.set_aside:,} set aside")
    speed = tally.new_output_tokens / max(took_s, 1e-3)
    typer.echo(
        f"{tally.asked:,} prompts asked, {tally.recalled:,} answered by the journal; "
        f"{tally.prompt_tokens:,} tokens of prompts, {tally.output_tokens:,} of answers "
        f"({speed:,.0f} a second)"
    )
    if report.distilled:
        typer.echo(f"Next: `miko load {job.out}`")


def _print_estimate(
    found: "Estimate", price_in: float | None, price_out: float | None, *, as_json: bool
) -> None:
    if found.set_aside:
        typer.echo(f"Why posts of the sample were set aside, mostly: {found.reason}", err=True)
    has_price = price_in is not None or price_out is not None
    cost = found.cost(price_in or 0.0, price_out or 0.0) if has_price else None
    if as_json:
        import orjson

        typer.echo(orjson.dumps(asdict(found) | {"cost": cost}).decode())
        return
    typer.echo(
        f"{found.posts:,} posts, by a sample of {found.sampled:,} ({found.set_aside:,} set aside): "
        f"{_told(found.prompt_tokens)} of prompts, {_told(found.output_tokens)} of answers"
    )
    if found.seconds is None and found.posts:
        why = "the journal had all answers to it" if found.recalled else "none of it can be asked"
        typer.echo(f"How long that takes the sample does not tell: {why}. See --sample and --out")
    elif found.seconds is not None:
        typer.echo(f"About {timedelta(seconds=round(found.seconds))} (hours:minutes:seconds)")
    if cost is not None:
        typer.echo(f"About {cost:,.2f} at these prices")
    elif has_price:
        typer.echo("What that costs is unknown: the endpoint does not count its tokens")


def _told(tokens: int | None) -> str:
    return "an unknown number of tokens" if tokens is None else f"about {tokens:,} tokens"
