"""The commands that search: ``search``, ``similar``, ``posts``."""

from typing import Annotated

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from miko import show
from miko.options import (
    Concepts,
    Emotions,
    Explain,
    First,
    Hashtags,
    Labels,
    OneRelation,
    Relations,
    Sources,
    once,
    where,
)
from miko.running import answer, graph, model
from schema.nodes import NodeKind
from schema.search import Mode, Order


def search(
    text: Annotated[str, typer.Argument(help="What to look for.")],
    kind: Annotated[
        NodeKind, typer.Option(case_sensitive=False, help="What to find.")
    ] = NodeKind.INTENTION,
    mode: Annotated[Mode, typer.Option(help="By meaning, by words, or both fused.")] = Mode.HYBRID,
    order: Annotated[
        Order, typer.Option(help="How the first 200 are shown: as they fit, or by plausibility.")
    ] = Order.FIT,
    first: First = 10,
    relation: Relations = None,
    source: Sources = None,
    label: Labels = None,
    hashtag: Hashtags = None,
    concept: Concepts = None,
    emotion: Emotions = None,
    explain: Explain = False,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Find intentions, posts or concepts by a text.

    [bold]Examples[/bold]

      miko search "get followers to attend an event"

      miko search "late train" --kind post --label sarcastic=1 --mode text

      miko search "adopt a pet" --relation xIntent --hashtag adoptdontshop --json

      miko search "adopt a pet" --order plausibility --concept dog --explain
    """
    filters = where(relation, source, label, hashtag, concept, emotion)

    async def find() -> list[show.Row]:
        from kg.fusion import Scheme
        from kg.ranking import Slice, Window
        from kg.search import depth_of
        from kg.search import search as ranked

        scheme = Scheme(mode, order=order)
        async with graph(store) as opened, model(opened, needed=mode is not Mode.TEXT) as embedder:
            page = await ranked(
                opened,
                embedder,
                text,
                Slice(kind, filters, Window(first)),
                scheme=scheme,
            )
            if explain and mode is not Mode.TEXT:
                show.plan(await opened.plan(kind, depth_of(scheme, first), filters))
            return await show.hit_rows(opened, kind, page)

    show.rows(answer(find), as_json=json)


def similar(
    node_id: Annotated[str, typer.Argument(metavar="ID", help="A post, intention or concept.")],
    first: First = 10,
    relation: Relations = None,
    source: Sources = None,
    label: Labels = None,
    hashtag: Hashtags = None,
    concept: Concepts = None,
    emotion: Emotions = None,
    explain: Explain = False,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Find what is most similar to a node of the graph, by meaning.

    [bold]Examples[/bold]

      miko similar sample:001

      miko similar /c/en/dog --first 5

      miko similar sample:001 --emotion proud --json
    """
    filters = where(relation, source, label, hashtag, concept, emotion)

    async def find() -> list[show.Row]:
        from kg.ranking import Window
        from kg.search import similar as ranked
        from kg.search import similar_depth
        from schema.nodes import kind_of

        async with graph(store) as opened:
            page = await ranked(opened, node_id, where=filters, window=Window(first))
            kind = kind_of(node_id)
            if explain:
                show.plan(await opened.plan(kind, similar_depth(first), filters))
            return await show.hit_rows(opened, kind, page)

    show.rows(answer(find), as_json=json)


def posts(
    relation: OneRelation,
    about: Annotated[
        str | None, typer.Option(help="What the intention is to be about, by meaning.")
    ] = None,
    first: First = 10,
    source: Sources = None,
    label: Labels = None,
    hashtag: Hashtags = None,
    concept: Concepts = None,
    emotion: Emotions = None,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """List posts that have an intention of a relation, with that intention as evidence.

    [bold]Examples[/bold]

      miko posts --relation xIntent --about "promoting a product"

      miko posts --relation oReact --about "disgusted" --source sample

      miko posts --relation xNeed --hashtag cleanupday --json
    """
    asked = once(relation)
    filters = where(None, source, label, hashtag, concept, emotion)

    async def find() -> list[show.Row]:
        from dataclasses import replace

        from kg.by_intention import posts_by_intention
        from kg.ranking import Window

        async with graph(store) as opened, model(opened, needed=about is not None) as embedder:
            page = await posts_by_intention(
                opened,
                embedder,
                about,
                where=replace(filters, relations=(asked,)),
                window=Window(first),
            )
            return await show.evidence_rows(opened, page)

    show.rows(answer(find), as_json=json)
