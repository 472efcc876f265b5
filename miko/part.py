"""The command ``subgraph``: the nodes behind an answer, as a file that can be loaded again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.command import DEFAULT_STORE, Store
from miko.options import Concepts, Emotions, Hashtags, Labels, Relations, Sources, where
from miko.running import answer, graph

if TYPE_CHECKING:
    from kg.manifest import Exported
    from kg.subgraph import Wanted


def subgraph(
    node_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Nodes of any kind; else posts that pass filters."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to; else to standard output.")
    ] = None,
    posts: Annotated[
        int, typer.Option(min=0, max=100, help="Most posts that an intention brings.")
    ] = 10,
    first: Annotated[
        int, typer.Option("--first", "-k", min=1, max=1000, help="Most posts that pass.")
    ] = 100,
    relation: Relations = None,
    source: Sources = None,
    label: Labels = None,
    hashtag: Hashtags = None,
    concept: Concepts = None,
    emotion: Emotions = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Write nodes with what they need to be understood, provenance and licences included.

    [bold]Examples[/bold]

      miko subgraph sample:001 /c/en/dog --out dogs.jsonl

      miko subgraph --hashtag adoptdontshop --first 50 > shelter.jsonl

      miko load dogs.jsonl --store sqlite:///dogs.db
    """
    from ingest.whole_file import write_new
    from kg.subgraph import Wanted

    filters = where(relation, source, label, hashtag, concept, emotion)
    wanted = Wanted(tuple(dict.fromkeys(node_ids or ())), filters, first, posts)
    found = answer(lambda: _read(wanted, store))
    if out is None:
        typer.echo(found.lines, nl=False)
    else:
        write_new(out, found.lines)
    counts = ", ".join(f"{count:,} {name}" for name, count in found.counts.items())
    typer.echo(f"{counts}; sha256 {found.sha256}", err=True)
    _warn(found)


async def _read(wanted: "Wanted", store: str) -> "Exported":
    from kg.subgraph import subgraph as exported

    async with graph(store) as opened:
        return await exported(opened, wanted)


def _warn(found: "Exported") -> None:
    if found.more_posts_of:
        typer.echo(
            f"{len(found.more_posts_of):,} intentions have more posts than --posts allows", err=True
        )
    if found.more_pass:
        typer.echo("more posts pass than --first allows", err=True)
    unknown = sum(one.count for one in found.licences if one.of == "Post" and one.licence is None)
    if unknown:
        typer.echo(f"the licence of {unknown:,} posts is unknown to the graph", err=True)
