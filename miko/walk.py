"""The command that traverses: ``paths``."""

from typing import Annotated

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from miko import show
from miko.options import Concepts, Emotions, Hashtags, Labels, Relations, Sources, where
from miko.running import answer, graph
from schema.graph import RelationshipType
from schema.nodes import NodeKind


def paths(
    start: Annotated[str, typer.Argument(metavar="FROM", help="Id of a node.")],
    end: Annotated[
        str | None,
        typer.Argument(metavar="TO", help="Id of another; without it, what FROM leads to."),
    ] = None,
    hops: Annotated[int, typer.Option(min=1, max=6, help="Most hops of a path.")] = 4,
    to_kind: Annotated[
        NodeKind | None,
        typer.Option(case_sensitive=False, help="Without TO: end at nodes of this kind."),
    ] = None,
    along: Annotated[
        list[RelationshipType] | None, typer.Option(help="Follow this type only; may repeat.")
    ] = None,
    commonsense: Annotated[
        list[str] | None,
        typer.Option(help="Follow RELATED along this relation only (UsedFor, xNeed); may repeat."),
    ] = None,
    fan_out: Annotated[
        int, typer.Option(min=1, max=1000, help="Most relationships followed from a node.")
    ] = 100,
    first: Annotated[int, typer.Option("--first", "-k", min=1, max=100, help="Most paths.")] = 10,
    timeout_s: Annotated[float, typer.Option(min=0.01, max=600, help="Longest search.")] = 10.0,
    relation: Relations = None,
    source: Sources = None,
    label: Labels = None,
    hashtag: Hashtags = None,
    concept: Concepts = None,
    emotion: Emotions = None,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Say how two nodes hang together: by posts, intentions, concepts and commonsense.

    With filters, a path holds only posts and intentions that pass, FROM and TO among them.

    [bold]Examples[/bold]

      miko paths sample:001 /c/en/companionship

      miko paths sample:001 --to-kind concept --along RELATED --along MENTIONS

      miko paths /c/en/train /c/en/coffee --hops 6 --commonsense UsedFor --json

      miko paths /c/en/train --to-kind post --relation xReact --emotion anger
    """
    if end is not None and to_kind is not None:
        raise typer.BadParameter("name either TO or --to-kind: a node has its kind")
    filters = where(relation, source, label, hashtag, concept, emotion)

    async def find() -> list[show.Row]:
        from kg import traversal
        from kg.hops import Ends, Hops
        from kg.related import check_relations
        from kg.wording import sentences

        bounds = Hops(
            hops,
            frozenset(along or ()),
            frozenset(commonsense or ()),
            fan_out=fan_out,
            timeout_s=timeout_s,
            where=filters,
            ends=Ends(to_kind),
        )
        async with graph(store) as opened:
            await check_relations(bounds.relations, opened.counts)
            found = await traversal.paths(opened, start, end, bounds, limit=first)
            said = await sentences(opened, list(found.paths))
        if found.cut:
            typer.echo(f"miko: there may be more, cut by {', '.join(sorted(found.cut))}", err=True)
        return [
            {
                "confidence": round(path.confidence, 4),
                "path": said_so,
                **({"nodes": path.node_ids} if json else {}),
            }
            for path, said_so in zip(found.paths, said, strict=True)
        ]

    show.rows(answer(find), as_json=json, nothing="No path within these bounds.")
