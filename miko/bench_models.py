"""The command that compares language models: ``bench-models``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.benchmark.terms import TableFormat
from kg.packaged import PACKAGED
from miko.running import answer, waiting
from schema.errors import OptionError

if TYPE_CHECKING:
    from collections import Counter
    from contextlib import AbstractContextManager

    from evaluation.benchmark.report import Table
    from ingest.progress import NotingReport

ASKED = "The model that is asked"
MEASURED = "How outputs are measured"
REASONS_TOLD = 5
JUDGE_NAMES = {"model": "--judge", "url": "--judge-url"}


def bench_models(
    test: Annotated[Path, typer.Argument(help="The test split, in any format of `miko load`.")],
    outputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[[NAME=]FILE]...",
            help="What systems wrote for it, in any format of `miko load`: a row each.",
        ),
    ] = None,
    references: Annotated[
        Path | None,
        typer.Option(help="File with the intentions of the split, and who accepted them."),
    ] = None,
    shots: Annotated[
        list[int] | None,
        typer.Option(
            min=0,
            max=100,
            help="Ask the model, with so many examples; repeat it for more rows. 0 where no "
            "outputs are named.",
            rich_help_panel=ASKED,
        ),
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option(
            help="Posts that examples are drawn from; never near duplicates of test posts.",
            rich_help_panel=ASKED,
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            help="Folder for what the model writes, and the journal.", rich_help_panel=ASKED
        ),
    ] = Path("bench-models"),
    name: Annotated[
        str, typer.Option(help="How its rows are called; else its name.", rich_help_panel=ASKED)
    ] = "",
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="ENGINE", help="As of `miko distill --engine`.", rich_help_panel=ASKED
        ),
    ] = None,
    engine_args: Annotated[
        str | None,
        typer.Option(
            metavar="JSON", help="As of `miko distill --engine-args`.", rich_help_panel=ASKED
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="OpenAI-compatible API; else MIKO_DISTILL_URL.",
            rich_help_panel=ASKED,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Its name; else MIKO_DISTILL_MODEL.", rich_help_panel=ASKED),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Posts at a time.", rich_help_panel=ASKED),
    ] = None,
    temperature: Annotated[
        float,
        typer.Option(min=0, max=2, help="How freely it samples.", rich_help_panel=ASKED),
    ] = 0.0,
    max_tokens: Annotated[
        int | None,
        typer.Option(min=1, max=32_768, help="Most tokens of an answer.", rich_help_panel=ASKED),
    ] = None,
    encoder: Annotated[
        str,
        typer.Option(
            help="Model of BERTScore, by path or name; that of MiniLM comes inside a package.",
            rich_help_panel=MEASURED,
        ),
    ] = PACKAGED,
    layer: Annotated[
        int | None,
        typer.Option(min=1, help="Its layer; else the last.", rich_help_panel=MEASURED),
    ] = None,
    judge: Annotated[
        str,
        typer.Option(
            help="Model that judges every intention, as people do; by --engine and --url.",
            rich_help_panel=MEASURED,
        ),
    ] = "",
    judge_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="API of the judge, if another.", rich_help_panel=MEASURED),
    ] = None,
    resamples: Annotated[
        int,
        typer.Option(
            min=100,
            max=1_000_000,
            help="Of posts, for intervals and tests.",
            rich_help_panel=MEASURED,
        ),
    ] = 10_000,
    seed: Annotated[
        int, typer.Option(min=0, help="Of examples and resamples.", rich_help_panel=MEASURED)
    ] = 0,
    form: Annotated[
        TableFormat,
        typer.Option("--format", help="How the table is written.", rich_help_panel=MEASURED),
    ] = TableFormat.MARKDOWN,
) -> None:
    """Compare language models at writing ten intentions of each post of a test split.

    [bold]Examples[/bold]

      miko bench-models test.json --references gold.jsonl --model NAME

      miko bench-models test.json --references gold.jsonl --shots 0 --shots 3 --train train.json

      miko bench-models test.json gpt=answers.jsonl --references gold.jsonl --format latex

    Every answer is kept: a run that was stopped goes on where it was.
    """
    from evaluation.benchmark.outputs import AskingPlan
    from evaluation.benchmark.run import BenchmarkPlan, JudgingPlan, benchmarked
    from evaluation.bootstrap import Resampling
    from ingest.distill.settings import settings_to_ask

    if judge_url and not judge:
        raise OptionError("--judge-url", "is that of a judge: name its model by --judge")
    connection = {
        "engine": engine,
        "engine_args": engine_args,
        "url": url,
        "model": model,
        "concurrency": concurrency,
        "temperature": temperature,
        "max_tokens": max_tokens,
    }
    asking = judging = None
    if shots or not outputs:
        settings = settings_to_ask(connection)
        called = name or Path(settings.model).name
        rows = tuple(dict.fromkeys(shots or [0]))
        asking = AskingPlan(settings, called, rows, train, seed, out)
    if judge:
        judged_by = {"model": judge, "temperature": 0.0, "url": judge_url or url}
        other = {"engine": "openai", "engine_args": None} if judge_url else {}
        judging = JudgingPlan(settings_to_ask(connection | judged_by | other, JUDGE_NAMES), out)
    plan = BenchmarkPlan(
        test,
        references or test,
        [_named(text) for text in outputs or []],
        asking,
        judging,
        encoder,
        layer,
        Resampling(resamples, seed),
    )
    _print(answer(lambda: benchmarked(plan, _Shown())), form)


class _Shown:
    """Shows on standard error how it goes (evaluation.benchmark.run.Watcher)."""

    def counting(self, what: str, unit: str) -> "AbstractContextManager[NotingReport]":
        from ingest.progress import counting

        return counting(what, unit)

    def waiting(self, what: str) -> "AbstractContextManager[object]":
        return waiting(what)

    def tell(self, name: str, faults: "Counter[str]") -> None:
        for reason, count in faults.most_common(REASONS_TOLD):
            typer.echo(f"{name}: {count:,} times: {reason}", err=True)


def _named(text: str) -> tuple[str, Path]:
    """Return the name and the file of outputs; a file that is there is meant as a whole."""
    path = Path(text)
    name, equals, rest = text.partition("=")
    return (name, Path(rest)) if equals and not path.exists() else (path.stem, path)


def _print(found: "Table", form: TableFormat) -> None:
    from evaluation.benchmark.tables import written

    typer.echo(written(found, form))
