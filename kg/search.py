"""Ranked search, written against the store protocol."""

from collections.abc import Sequence

import anyio

from kg.asked import check_text, embedded, embedding_of
from kg.embedder import Embedder
from kg.fusion import FUSION_POOL, ranked
from kg.ranking import FIRST_PAGE, RESULT_LIMIT, Ranking, SearchHit, Window, paged
from kg.store import GraphStore, Match, Near
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind, kind_of
from schema.search import Mode


async def search(
    store: GraphStore,
    embedder: Embedder | None,
    kind: NodeKind,
    text: str,
    *,
    mode: Mode = Mode.HYBRID,
    where: Filter = EVERYTHING,
    window: Window = FIRST_PAGE,
) -> Ranking[SearchHit]:
    """Rank the nodes of a kind by a text; a text search needs no embedder.

    Raises:
        QueryError: The text is empty or no text, or the page lies too deep.
        EmbeddingModelError: The graph was embedded by another model than the embedder's.
        StaleCursorError: The graph has changed since the version of the window.
    """
    check_text(text)
    depth = depth_of(mode, window.depth)

    async def rank() -> list[SearchHit]:
        near: Sequence[Near] = ()
        matches: Sequence[Match] = ()
        if mode is Mode.HYBRID:
            near, matches = await _both(store, embedder, kind, text, where)
        elif mode is Mode.SEMANTIC:
            near = await store.nearest(kind, await embedded(store, embedder, text), depth, where)
        else:
            matches = await store.match(kind, text, depth, where)
        return ranked(near, matches, mode)

    limit = FUSION_POOL if mode is Mode.HYBRID else RESULT_LIMIT
    return await paged(store, window, limit, rank)


def depth_of(mode: Mode, last: int) -> int:
    """Return how many of each ranking a search asks a store for, to reach a rank."""
    return FUSION_POOL if mode is Mode.HYBRID else last + 1


async def similar(
    store: GraphStore,
    node_id: str,
    *,
    where: Filter = EVERYTHING,
    window: Window = FIRST_PAGE,
) -> Ranking[SearchHit]:
    """Rank the other nodes of a node's kind by their similarity to it.

    Raises:
        UnknownIdError: There is no such node.
        QueryError: The node has no embedding, or the page lies too deep.
        StaleCursorError: The graph has changed since the version of the window.
    """

    async def rank() -> list[SearchHit]:
        query = await embedding_of(store, node_id)
        near = await store.nearest(kind_of(node_id), query, similar_depth(window.depth), where)
        return [SearchHit(n.id, similarity=n.similarity) for n in near if n.id != node_id]

    return await paged(store, window, RESULT_LIMIT, rank)


def similar_depth(last: int) -> int:
    """Return how many nodes ``similar`` asks a store for, to reach a rank: itself is one."""
    return last + 2


async def _both(
    store: GraphStore, embedder: Embedder | None, kind: NodeKind, text: str, where: Filter
) -> tuple[Sequence[Near], Sequence[Match]]:
    """Ask for meaning and words at once; the first error of either is raised as it is."""
    near: list[Near] = []
    matches: list[Match] = []

    async def by_words() -> None:
        matches.extend(await store.match(kind, text, FUSION_POOL, where))

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(by_words)
            query = await embedded(store, embedder, text)
            near.extend(await store.nearest(kind, query, FUSION_POOL, where))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    return near, matches
