"""The commands that make batches, and take them elsewhere: ``annotate sample``, ``export``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.annotation.terms import FileFormat
from ingest.command import DEFAULT_STORE, Json, Store
from miko import options, show
from miko.annotate.arguments import Batch, read
from miko.running import answer, graph

if TYPE_CHECKING:
    from evaluation.annotation.items import Item
    from evaluation.annotation.sample import Draw


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


async def _drawn(draw: "Draw", store: str, *, hidden: bool) -> "list[Item]":
    from evaluation.annotation.sample import sample as drawing
    from ingest.progress import counting

    with counting("Drawing", "intentions", hidden=hidden) as progress:
        async with graph(store) as opened:
            return await drawing(opened, draw, progress)


async def _disputed(files: list[Path], store: str, *, hidden: bool) -> "tuple[list[Item], int]":
    """Return what is disputed, and how much of it the graph has not."""
    from evaluation.annotation.sample import disputed, items_of

    reading = read(files, hidden=hidden)
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
