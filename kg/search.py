"""Ranked search, written against the store protocol."""

import anyio

from kg.asked import check_text, embedded, embeddings_of
from kg.diversity import spread_out
from kg.embedder import Embedder
from kg.fusion import FUSION_POOL, HYBRID, Scheme, by_meaning, ranked
from kg.plausible import most_plausible_first
from kg.ranking import (
    FIRST_PAGE,
    REORDERED_POOL,
    RESULT_LIMIT,
    Ranking,
    SearchHit,
    Slice,
    Window,
    paged,
)
from kg.store import GraphStore, Match, Near
from schema.graph import EVERYTHING, Filter
from schema.nodes import kind_of
from schema.search import Mode, Order, Ranker


async def search(
    store: GraphStore,
    embedder: Embedder | None,
    text: str,
    wanted: Slice,
    *,
    scheme: Scheme = HYBRID,
) -> Ranking[SearchHit]:
    """Rank nodes by a text; a search by words alone needs no embedder.

    Raises:
        QueryError: The text is empty or no text, or the page lies too deep.
        EmbeddingModelError: The graph was embedded by another model than the embedder's.
        StaleCursorError: The graph has changed since the version of the window.
    """
    check_text(text)
    kind, where = wanted.kind, wanted.where

    async def rank(last: int) -> list[SearchHit]:
        near: list[Near] = []
        matches: list[Match] = []
        depth = depth_of(scheme, last)

        async def ask_meaning() -> None:
            (query,) = await embedded(store, embedder, [text])
            near.extend(await store.nearest(kind, query, depth, where))

        async def ask_words() -> None:
            matches.extend(await store.match(kind, text, depth, where))

        try:
            async with anyio.create_task_group() as tasks:
                if Ranker.MEANING in scheme.weights:
                    tasks.start_soon(ask_meaning)
                if Ranker.WORDS in scheme.weights:
                    tasks.start_soon(ask_words)
        except BaseExceptionGroup as group:
            # The first error of either is raised as it is.
            raise group.exceptions[0] from None
        hits = ranked(near, matches, scheme)
        spread = await spread_out(store, kind, hits, scheme.spread, where)
        if scheme.order is Order.FIT:
            return spread
        return await most_plausible_first(store, kind, spread, where)

    is_whole = scheme.mode is Mode.HYBRID or scheme.reorders
    return await paged(store, wanted.window, limit_of(scheme), rank, is_whole=is_whole)


def limit_of(scheme: Scheme) -> int:
    """Return the deepest rank that a search goes to."""
    if scheme.reorders:
        return REORDERED_POOL
    return FUSION_POOL if scheme.mode is Mode.HYBRID else RESULT_LIMIT


def depth_of(scheme: Scheme, last: int) -> int:
    """Return how many of each ranking a search asks a store for, to reach a rank."""
    if scheme.mode is Mode.HYBRID:
        return FUSION_POOL
    return REORDERED_POOL if scheme.reorders else last + 1


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

    async def rank(last: int) -> list[SearchHit]:
        (query,) = await embeddings_of(store, [node_id])
        near = await store.nearest(kind_of(node_id), query, similar_depth(last), where)
        return by_meaning([n for n in near if n.id != node_id])

    return await paged(store, window, RESULT_LIMIT, rank)


def similar_depth(last: int) -> int:
    """Return how many nodes ``similar`` asks a store for, to reach a rank: itself is one."""
    return last + 2
