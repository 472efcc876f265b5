"""The commands that take judgements: ``annotate import``, ``judge``, ``load``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.command import DEFAULT_STORE, REJECTED, Json, Store
from miko import show
from miko.annotate.arguments import JUDGEMENTS, Batch, Judgements, OutJudgements, read
from miko.annotate.printing import print_item
from miko.running import answer, graph

if TYPE_CHECKING:
    from evaluation.annotation.choices import Choice
    from evaluation.annotation.into_graph import Loaded
    from evaluation.annotation.items import Item
    from evaluation.annotation.judging import Move, Place
    from evaluation.annotation.reading import Reading

KEYS = "1 very relevant, 2 fairly relevant, 3 not relevant; s skip, b back, q stop"


def import_judgements(
    files: Judgements,
    out: OutJudgements = JUDGEMENTS,
    annotator: Annotated[
        str, typer.Option(help="Who judged, whatever the files say; where they name nobody.")
    ] = "",
    rejects: Annotated[
        Path, typer.Option(help="Where malformed rows are noted: file, line, field, reason.")
    ] = Path("rejects.jsonl"),
    json: Json = False,
) -> None:
    """Take judgements from Label Studio or CSV into a file of judgements; again changes nothing.

    [bold]Examples[/bold]

      miko annotate import project-3-at-2026-01-20.json --annotator alice

      miko annotate import alice.csv bob.csv --out judgements.jsonl

    What the file holds stays; of an annotator's choices for one intention the later stands. Exit
    code 3 says that some rows were malformed: they are noted in the reject file, the rest is
    taken.
    """
    from evaluation.annotation.judged import line_of
    from evaluation.annotation.reading import read_own
    from ingest.rejects import Rejects
    from ingest.whole_file import write_whole

    kept = read_own(out, progress=lambda _done, _total: None) if out.exists() else None
    reading = read(files, annotator=annotator, hidden=json, kept=kept)
    with Rejects(rejects) as set_aside:
        for row in reading.malformed:
            set_aside.add(row.path, row.row)
    write_whole(out, b"".join(line_of(one) for one in reading.judged))
    _print_import(reading, out, rejects, as_json=json)
    if reading.malformed:
        raise typer.Exit(REJECTED)


def judge(
    batch: Batch,
    annotator: Annotated[str, typer.Option(help="Your name, as judgements are to hold it.")],
    out: OutJudgements = JUDGEMENTS,
    json: Json = False,
) -> None:
    """Judge a batch here, key by key; Ctrl-C loses nothing, the same command goes on.

    [bold]Examples[/bold]

      miko annotate judge batch.jsonl --annotator alice

      miko annotate judge second.jsonl --annotator carol --out carol.jsonl

    1, 2 and 3 are very, fairly and not relevant; s skips, b goes back, q stops. Each choice is on
    disk before the next is asked.
    """
    from evaluation.annotation.items import read_items
    from evaluation.annotation.judged import named
    from evaluation.annotation.judging import JudgementLog
    from evaluation.annotation.judging import judge as judging

    items = read_items(batch)
    with JudgementLog(out, named(annotator)) as log:
        done = judging(items, log, _ask)
    if json:
        show.value({"judged": done, "items": len(items), "out": str(out)})
        return
    typer.echo(f"{done:,} of {len(items):,} judged by {annotator}: {out}")
    if done < len(items):
        typer.echo("The same command goes on from there")


def load(files: Judgements, store: Store = DEFAULT_STORE, json: Json = False) -> None:
    """Put judgements and decisions into the graph, where filters find them.

    [bold]Examples[/bold]

      miko annotate load adjudicated.jsonl

      miko annotate load judgements.jsonl adjudicated.jsonl --store sqlite:///pets.db

    Again changes nothing. Where an annotator chose otherwise in the graph, nothing is written.
    """
    loaded = answer(lambda: _load(files, store, hidden=json))
    if json:
        show.value({"written": loaded.written, "there": loaded.there, "missing": loaded.missing})
        return
    typer.echo(f"{loaded.written:,} judgements written, {loaded.there:,} were there")
    if loaded.missing:
        typer.echo(
            f"{loaded.missing:,} are of intentions that their posts have not in this graph: load "
            "the posts first",
            err=True,
        )


def _print_import(reading: "Reading", out: Path, rejects: Path, *, as_json: bool) -> None:
    if as_json:
        show.value({**reading.counts, "out": str(out)})
        return
    told = ", ".join(f"{n:,} {name}" for name, n in reading.counts.items() if n)
    typer.echo(f"{told}: {out}")
    if reading.malformed:
        typer.echo(f"Some rows are malformed: see {rejects}", err=True)


def _ask(item: "Item", place: "Place", before: "Choice | None") -> "Choice | Move":
    from evaluation.annotation.choices import Choice
    from evaluation.annotation.judging import Move

    keys = {
        "1": Choice.VERY_RELEVANT,
        "2": Choice.FAIRLY_RELEVANT,
        "3": Choice.NOT_RELEVANT,
        "s": Move.SKIP,
        "b": Move.BACK,
        "q": Move.STOP,
        "": Move.STOP,
    }
    print_item(item, place.number, place.total)
    if before:
        typer.echo(f"Chosen before: {before}", err=True)
    typer.echo(KEYS, err=True)
    while (said := keys.get(_key())) is None:
        typer.echo(KEYS, err=True)
    return said


def _key() -> str:
    """Return the next key, small; "" where there is no terminal and the input has ended."""
    if sys.stdin.isatty():
        return typer.getchar().lower()
    while (key := sys.stdin.read(1)).isspace():
        pass
    return key.lower()


async def _load(files: list[Path], store: str, *, hidden: bool) -> "Loaded":
    from evaluation.annotation.into_graph import load_judgements
    from ingest.progress import counting

    reading = read(files, hidden=hidden)
    reading.check()
    with counting("Writing", "judgements", hidden=hidden) as progress:
        async with graph(store) as opened:
            return await load_judgements(opened, reading.judged, progress)
