"""The commands ``annotate …``: from a batch drawn from the graph to judgements in it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.annotation.terms import DECIDED, FileFormat, Rule, Terms
from ingest.command import DEFAULT_STORE, REJECTED, Json, Store
from miko import options, show
from miko.running import answer, graph
from miko.show_annotation import print_agreement, print_item

if TYPE_CHECKING:
    from evaluation.annotation.choices import Choice
    from evaluation.annotation.into_graph import Loaded
    from evaluation.annotation.items import Item
    from evaluation.annotation.judging import Move, Place
    from evaluation.annotation.reading import Reading
    from evaluation.annotation.sample import Draw

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Judge intentions by people: draw a batch, judge it, compare, decide, load.\n\n"
    "[bold]Examples[/bold]\n\n"
    "  miko annotate sample --per-relation 50\n\n"
    "  miko annotate judge batch.jsonl --annotator alice\n\n"
    "  miko annotate agreement judgements.jsonl",
)

Batch = Annotated[Path, typer.Argument(help="A batch, as `miko annotate sample` draws it.")]
Judgements = Annotated[
    list[Path],
    typer.Argument(help="Label Studio exports, CSV sheets or files of judgements, mixed."),
]
OutJudgements = Annotated[Path, typer.Option("--out", help="The file of judgements.")]
JUDGEMENTS = Path("judgements.jsonl")
KEYS = "1 very relevant, 2 fairly relevant, 3 not relevant; s skip, b back, q stop"


@app.command()
def sample(
    per_relation: Annotated[
        int, typer.Option(min=1, max=10_000, help="Most intentions of each relation.")
    ] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws others.")] = 0,
    out: Annotated[Path, typer.Option(help="The batch.")] = Path("batch.jsonl"),
    disputed: Annotated[
        list[Path] | None,
        typer.Option(
            help="The second stage: what annotators chose different things for in this file; "
            "may repeat. Nothing is drawn then."
        ),
    ] = None,
    without: Annotated[
        list[Path] | None,
        typer.Option(help="A batch whose intentions are not drawn again; may repeat."),
    ] = None,
    relations: options.Relations = None,
    sources: options.Sources = None,
    labels: options.Labels = None,
    hashtags: options.Hashtags = None,
    concepts: options.Concepts = None,
    emotions: options.Emotions = None,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Draw intentions with their posts from the graph, as many of each relation.

    [bold]Examples[/bold]

      miko annotate sample --per-relation 50 --seed 1 --out first.jsonl

      miko annotate sample --relation xNeed --relation xReact --source sample

      miko annotate sample --without first.jsonl --out more.jsonl

      miko annotate sample --disputed alice.jsonl --disputed bob.jsonl --out second.jsonl

    The same seed and graph draw the same.
    """
    from evaluation.annotation.items import read_items
    from evaluation.annotation.sample import Draw

    where = options.where(relations, sources, labels, hashtags, concepts, emotions)
    if disputed and (without or not where.is_empty):
        raise typer.BadParameter("takes all that is disputed: leave filters and --without out")
    if disputed:
        items, lost = answer(lambda: _disputed(disputed, store, hidden=json))
    else:
        known = frozenset(item.key for path in without or () for item in read_items(path))
        draw = Draw(per_relation, seed, where, known)
        items, lost = answer(lambda: _drawn(draw, store, hidden=json)), 0
    _write_batch(items, out, lost, is_disputed=bool(disputed), as_json=json)


@app.command()
def export(
    batch: Batch,
    format_name: Annotated[
        FileFormat, typer.Option("--format", help="What is to read it.")
    ] = FileFormat.LABEL_STUDIO,
    out: Annotated[
        Path | None, typer.Option(help="Where to; else tasks.json, or sheet.csv.")
    ] = None,
    image_prefix: Annotated[
        str, typer.Option(help="What stands before an image's path, where Label Studio finds it.")
    ] = "",
    chinese: Annotated[
        bool, typer.Option("--chinese", help="Ask for the choices in Chinese, as the authors did.")
    ] = False,
    annotator: Annotated[str, typer.Option(help="Name to fill a sheet's column with.")] = "",
    json: Json = False,
) -> None:
    """Write a batch as tasks for Label Studio, or as a CSV sheet.

    [bold]Examples[/bold]

      miko annotate export batch.jsonl --image-prefix "/data/local-files/?d=images/"

      miko annotate export batch.jsonl --format csv --annotator alice --out alice.csv

    Beside Label Studio's tasks stands the labelling interface, to be pasted into the project's
    settings.
    """
    from evaluation.annotation.items import read_items
    from evaluation.annotation.label_studio import labelling_interface, tasks
    from evaluation.annotation.tables import sheet
    from ingest.whole_file import write_new

    items = read_items(batch)
    if format_name is FileFormat.CSV:
        target = out or Path("sheet.csv")
        files = {target: sheet(items, annotator)}
    else:
        target = out or Path("tasks.json")
        files = {
            target: tasks(items, image_prefix=image_prefix),
            target.with_suffix(".xml"): labelling_interface(items, is_chinese=chinese),
        }
    for path, content in files.items():
        write_new(path, content)
    if json:
        show.value({"items": len(items), "files": [str(path) for path in files]})
        return
    typer.echo(f"{len(items):,} items: {' and '.join(map(str, files))}")
    typer.echo("Next: judge them there, export (as JSON), and `miko annotate import FILE`")


@app.command(name="import")
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
    reading = _read(files, annotator=annotator, hidden=json, kept=kept)
    with Rejects(rejects) as set_aside:
        for row in reading.malformed:
            set_aside.add(row.path, row.row)
    write_whole(out, b"".join(line_of(one) for one in reading.judged))
    _print_import(reading, out, rejects, as_json=json)
    if reading.malformed:
        raise typer.Exit(REJECTED)


@app.command()
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


@app.command()
def agreement(
    files: Judgements,
    resamples: Annotated[
        int, typer.Option(min=100, max=100_000, help="How often posts are drawn for intervals.")
    ] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other intervals.")] = 0,
    json: Json = False,
) -> None:
    """Say how annotators judged and how far they agree, with intervals of 95 %.

    [bold]Examples[/bold]

      miko annotate agreement judgements.jsonl

      miko annotate agreement annotator-1.json.gz annotator-2.json.gz --json

    Cohen's kappa for each pair of annotators, Fleiss' kappa and Krippendorff's alpha over all;
    per relation, of the choices and of accepted ("very relevant") or not.
    """
    from evaluation.annotation.report import agreement_of
    from evaluation.bootstrap import Resampling
    from ingest.progress import counting

    reading = _read(files, hidden=json)
    reading.check()
    with counting("Resampling", "relations", hidden=json) as progress:
        report = agreement_of(reading, Resampling(resamples, seed), progress)
    print_agreement(report, as_json=json)


@app.command()
def adjudicate(
    files: Judgements,
    out: Annotated[Path, typer.Option(help="The file of decisions.")] = Path("adjudicated.jsonl"),
    rule: Annotated[
        Rule, typer.Option(help="More than half of the judgements decide, or all of them.")
    ] = Rule.MAJORITY,
    least: Annotated[
        int, typer.Option(min=1, max=100, help="Fewest judgements of what is decided.")
    ] = 1,
    expert: Annotated[
        str, typer.Option(help="Annotator whose word decides alone, where there is one.")
    ] = "",
    name: Annotated[
        str, typer.Option("--as", help="Annotator of the decisions, as filters find them.")
    ] = DECIDED,
    json: Json = False,
) -> None:
    """Decide which intentions are accepted, and which are disputed.

    [bold]Examples[/bold]

      miko annotate adjudicate judgements.jsonl --least 2

      miko annotate adjudicate alice.jsonl bob.jsonl carol.jsonl --expert carol

      miko annotate adjudicate judgements.jsonl --rule unanimous --as unanimous --out strict.jsonl

    "very relevant" accepts, other choices reject, as in the authors' labels.
    """
    from evaluation.annotation.adjudicate import adjudicate as decide
    from evaluation.annotation.judged import line_of, named
    from ingest.whole_file import write_new

    reading = _read(files, hidden=json)
    reading.check()
    found = decide(reading.judged, Terms(rule, least, expert, named(name)))
    write_new(out, b"".join(line_of(one) for one in found.decided))
    accepted = sum(one.choice.accepts for one in found.decided)
    counts = {
        "accepted": accepted,
        "rejected": len(found.decided) - accepted,
        "disputed": len(found.disputed),
        "too_few": found.too_few,
        "without_intention": found.without_intention,
    }
    if json:
        show.value({**counts, "out": str(out)})
        return
    table = [{"": label.replace("_", " "), "intentions": n} for label, n in counts.items()]
    show.rows(table, as_json=False)
    if found.disputed:
        typer.echo("The second stage: `miko annotate sample --disputed FILE`, then --expert NAME")
    typer.echo(f"Next: `miko annotate load {out}`")


@app.command()
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


async def _drawn(draw: "Draw", store: str, *, hidden: bool) -> "list[Item]":
    from evaluation.annotation.sample import sample as drawing
    from ingest.progress import counting

    with counting("Drawing", "intentions", hidden=hidden) as progress:
        async with graph(store) as opened:
            return await drawing(opened, draw, progress)


async def _disputed(files: list[Path], store: str, *, hidden: bool) -> "tuple[list[Item], int]":
    """Return what is disputed, and how much of it the graph has not."""
    from evaluation.annotation.sample import disputed, items_of

    reading = _read(files, hidden=hidden)
    reading.check()
    keys = disputed(reading.judged)
    async with graph(store) as opened:
        items = await items_of(opened, keys)
    return items, len(keys) - len(items)


def _write_batch(
    items: "list[Item]", out: Path, lost: int, *, is_disputed: bool, as_json: bool
) -> None:
    from collections import Counter

    from evaluation.annotation.items import write_items
    from schema.errors import QueryError
    from schema.relations import Relation

    if not items:
        what = "nothing that the graph has is disputed" if is_disputed else "no intention passes"
        raise QueryError(f"{what}: there is nothing to judge")
    write_items(out, items)
    found = Counter(item.key.relation for item in items)
    counts = {relation.value: found[relation] for relation in Relation if relation in found}
    if lost:
        typer.echo(f"{lost:,} disputed intentions are not in this graph", err=True)
    if as_json:
        show.value({"items": len(items), "relations": counts, "out": str(out)})
        return
    table = [{"relation": name, "intentions": n} for name, n in counts.items()]
    show.rows(table, as_json=False)
    typer.echo(f"{len(items):,} items: {out}")
    typer.echo(f"Next: `miko annotate judge {out} --annotator NAME`, or `miko annotate export`")


def _read(
    files: list[Path], *, annotator: str = "", hidden: bool, kept: "Reading | None" = None
) -> "Reading":
    from evaluation.annotation.reading import read_judgements
    from ingest.progress import counting

    with counting("Reading", "records", hidden=hidden) as progress:
        return read_judgements(files, annotator=annotator, kept=kept, progress=progress)


def _print_import(reading: "Reading", out: Path, rejects: Path, *, as_json: bool) -> None:
    counts = {
        "records": reading.records,
        "judgements": len(reading.judged),
        "unjudged": reading.unjudged,
        "cancelled": reading.cancelled,
        "replaced": reading.replaced,
        "rejected": len(reading.malformed),
    }
    if as_json:
        show.value({**counts, "out": str(out)})
        return
    told = ", ".join(f"{n:,} {name}" for name, n in counts.items() if n)
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

    reading = _read(files, hidden=hidden)
    reading.check()
    with counting("Writing", "judgements", hidden=hidden) as progress:
        async with graph(store) as opened:
            return await load_judgements(opened, reading.judged, progress)
