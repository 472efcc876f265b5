"""Ranked search and its fusion, written against the store protocol."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

import anyio

from kg.embedder import Embedder
from kg.store import GraphStore, Match, Near, Vector
from schema.errors import EmbeddingModelError, QueryError, StaleCursorError, UnknownIdError
from schema.graph import EVERYTHING, Filter
from schema.nodes import Intention, NodeKind, kind_of
from schema.relations import Relation
from schema.search import Mode
from schema.text import flaw

RESULT_LIMIT: Final = 1000
"""Deepest rank that semantic and text search, and posts by intention, go to."""

FUSION_POOL: Final = 200
"""How many of each ranking are fused; also the deepest rank that hybrid search goes to."""

FUSION_CONSTANT: Final = 60
"""The k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


Hit = TypeVar("Hit")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One result.

    Attributes:
        id: The node.
        similarity: Cosine of query and node, where the search was semantic or hybrid and the
            node was among the nearest.
        relevance: BM25, where the search was text or hybrid and the node was among the matches.
        score: The fused value, where ranks were fused.
    """

    id: str
    similarity: float | None = None
    relevance: float | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class PostHit:
    """A post, and the intention that made it a result.

    Attributes:
        post_id: The post.
        intention: The evidence: the intention nearest to what was asked, or the first.
        similarity: Cosine of what was asked and the evidence; None where nothing was asked.
    """

    post_id: str
    intention: Intention
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Ranking(Generic[Hit]):
    """One page of results, of one version of the graph.

    Attributes:
        hits: The page.
        version: The version of the graph before it was ranked; the next page is of the same, or
            refused.
        offset: Rank before the first hit.
        more: Whether a further page exists.
    """

    hits: tuple[Hit, ...]
    version: int
    offset: int
    more: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Which page of a ranking to give.

    Attributes:
        first: Most results, at least 1.
        offset: How many to pass over, at least 0.
        version: The version of the graph that an earlier page was of, to continue it.
    """

    first: int = 10
    offset: int = 0
    version: int | None = None

    @property
    def depth(self) -> int:
        """The last rank of the page."""
        return self.offset + self.first


async def search(
    store: GraphStore,
    embedder: Embedder | None,
    kind: NodeKind,
    text: str,
    *,
    mode: Mode = Mode.HYBRID,
    where: Filter = EVERYTHING,
    window: Window = Window(),
) -> Ranking[SearchHit]:
    """Rank the nodes of a kind by a text; a text search needs no embedder.

    Raises:
        QueryError: The text is empty or no text, or the page lies too deep.
        EmbeddingModelError: The graph was embedded by another model than the embedder's.
        StaleCursorError: The graph has changed since the version of the window.
    """
    _check_text(text)
    limit = FUSION_POOL if mode is Mode.HYBRID else RESULT_LIMIT
    _check_window(window, limit)
    version = await _version(store, window)
    depth = depth_of(mode, window.depth)
    near: Sequence[Near] = ()
    matches: Sequence[Match] = ()
    if mode is Mode.HYBRID:
        near, matches = await _both(store, embedder, kind, text, where)
    elif mode is Mode.SEMANTIC:
        near = await store.nearest(kind, await _embedded(store, embedder, text), depth, where)
    else:
        matches = await store.match(kind, text, depth, where)
    await _check_unchanged(store, window)
    return _page(_ranked(near, matches, mode), window, version, limit)


def depth_of(mode: Mode, last: int) -> int:
    """Return how many of each ranking a search asks a store for, to reach a rank."""
    return FUSION_POOL if mode is Mode.HYBRID else last + 1


async def similar(
    store: GraphStore,
    node_id: str,
    *,
    where: Filter = EVERYTHING,
    window: Window = Window(),
) -> Ranking[SearchHit]:
    """Rank the other nodes of a node's kind by their similarity to it.

    Raises:
        UnknownIdError: There is no such node.
        QueryError: The node has no embedding, or the page lies too deep.
        StaleCursorError: The graph has changed since the version of the window.
    """
    _check_window(window, RESULT_LIMIT)
    kind = kind_of(node_id)
    version = await _version(store, window)
    (embedding,) = await store.embeddings(kind, [node_id])
    if embedding is None:
        raise await _why_missing(store, kind, node_id)
    near = await store.nearest(kind, embedding, similar_depth(window.depth), where)
    hits = [SearchHit(n.id, similarity=n.similarity) for n in near if n.id != node_id]
    await _check_unchanged(store, window)
    return _page(hits, window, version, RESULT_LIMIT)


def similar_depth(last: int) -> int:
    """Return how many nodes ``similar`` asks a store for, to reach a rank: itself is one."""
    return last + 2


async def posts_by_intention(
    store: GraphStore,
    embedder: Embedder | None,
    relation: Relation,
    *,
    about: str | None = None,
    where: Filter = EVERYTHING,
    window: Window = Window(),
) -> Ranking[PostHit]:
    """Return posts that have an intention of a relation, each with the intention as evidence.

    With ``about``, posts come by falling similarity of their nearest intention, ties by rising
    post id, evidence ties by rising intention id. Without, by rising post id, with the first
    intention as evidence.

    Raises:
        QueryError, EmbeddingModelError, StaleCursorError: As ``search``.
    """
    _check_window(window, RESULT_LIMIT)
    where = replace(where, relations=(relation,))
    version = await _version(store, window)
    if about is None:
        hits = await _listed_posts(store, where, window.depth + 1)
    else:
        _check_text(about)
        hits = await _nearest_posts(store, embedder, about, where=where, need=window.depth + 1)
    await _check_unchanged(store, window)
    return _page(hits, window, version, RESULT_LIMIT)


async def _listed_posts(store: GraphStore, where: Filter, need: int) -> list[PostHit]:
    page = await store.ids(NodeKind.POST, where=where, limit=need)
    held = await store.intentions_of(page.ids, where.relations)
    own = {i: [h.intention for h in some] for i, some in zip(page.ids, held, strict=True)}
    # The other conditions hold for a post with any of its intentions.
    if where.concepts or where.asks_pair or where.parts:
        own = await _passing(store, own, where, need)
    return [PostHit(i, some[0]) for i, some in own.items() if some]


async def _passing(
    store: GraphStore, own: Mapping[str, Sequence[Intention]], where: Filter, need: int
) -> dict[str, list[Intention]]:
    """Keep of each post's intentions those whose pair passes.

    Both lists of posts rise by id, so the first ``need`` holders of an intention that pass hold
    all that are among the first ``need`` posts.
    """
    ids = list(dict.fromkeys(intention.id for some in own.values() for intention in some))
    holders = await store.posts_of(ids, limit=need, where=where)
    pairs = {(post_id, i) for i, posts in zip(ids, holders, strict=True) for post_id in posts}
    return {
        post_id: [intention for intention in some if (post_id, intention.id) in pairs]
        for post_id, some in own.items()
    }


async def _nearest_posts(
    store: GraphStore, embedder: Embedder | None, about: str, *, where: Filter, need: int
) -> list[PostHit]:
    """Widen the circle of intentions until it holds enough posts, whatever ties its rim has."""
    query = await _embedded(store, embedder, about)
    k = need
    while True:
        near = await store.nearest(NodeKind.INTENTION, query, k, where)
        holders = await store.posts_of([n.id for n in near], limit=need, where=where)
        best: dict[str, Near] = {}
        for hit, post_ids in zip(near, holders, strict=True):
            for post_id in post_ids:
                best.setdefault(post_id, hit)
        rim = near[-1].similarity if len(near) == k else -2.0
        settled = sum(hit.similarity > rim for hit in best.values())
        if settled >= need or len(near) < k:
            return await _with_evidence(store, best, need)
        k *= 2


async def _with_evidence(store: GraphStore, best: dict[str, Near], need: int) -> list[PostHit]:
    ranked = sorted(best.items(), key=lambda item: (-item[1].similarity, item[0]))[:need]
    found = await store.intentions([hit.id for _, hit in ranked])
    return [
        PostHit(post_id, intention, hit.similarity)
        for (post_id, hit), intention in zip(ranked, found, strict=True)
        if intention is not None
    ]


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
            query = await _embedded(store, embedder, text)
            near.extend(await store.nearest(kind, query, FUSION_POOL, where))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    return near, matches


async def _embedded(store: GraphStore, embedder: Embedder | None, text: str) -> Vector:
    """Embed what is asked; another process may have replaced the model since the store opened."""
    if embedder is None:
        raise QueryError("a search by meaning needs an embedding model: search by text instead")
    stored = await store.model()
    if stored is not None and stored != embedder.model:
        raise EmbeddingModelError(str(stored), str(embedder.model))
    return (await embedder.embed([text]))[0]


def _ranked(near: Sequence[Near], matches: Sequence[Match], mode: Mode) -> list[SearchHit]:
    if mode is Mode.SEMANTIC:
        return [SearchHit(n.id, similarity=n.similarity) for n in near]
    if mode is Mode.TEXT:
        return [SearchHit(m.id, relevance=m.relevance) for m in matches]
    scores = fuse([[n.id for n in near], [m.id for m in matches]])
    similarity = {n.id: n.similarity for n in near}
    relevance = {m.id: m.relevance for m in matches}
    return [
        SearchHit(node_id, similarity.get(node_id), relevance.get(node_id), score)
        for node_id, score in scores
    ]


def fuse(rankings: Iterable[Sequence[str]]) -> list[tuple[str, float]]:
    """Fuse rankings of ids: a sum of 1 / (60 + rank), falling, ties by rising id."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, node_id in enumerate(ranking, start=1):
            scores[node_id] = scores.get(node_id, 0.0) + 1 / (FUSION_CONSTANT + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _page(hits: Sequence[Hit], window: Window, version: int, limit: int) -> Ranking[Hit]:
    page = tuple(hits[window.offset : window.depth])
    more = window.depth < min(len(hits), limit)
    return Ranking(page, version, window.offset, more)


def _check_text(text: str) -> None:
    reason = flaw(text) if text.strip() else "is empty"
    if reason is not None:
        raise QueryError(f"the text to search for {reason}")


def _check_window(window: Window, limit: int) -> None:
    if window.first < 1 or window.offset < 0:
        raise QueryError(f"asked for {window.first} results from rank {window.offset}: at least 1")
    if window.depth > limit:
        raise QueryError(f"asked for rank {window.depth}: this search ranks the first {limit}")


async def _version(store: GraphStore, window: Window) -> int:
    now = await store.version()
    if window.version is not None and window.version != now:
        raise StaleCursorError(window.version, now)
    return now


async def _check_unchanged(store: GraphStore, window: Window) -> None:
    """Refuse to continue a page where a write came between reading the version and the ranking.

    A first page needs no second look: it carries the version from before the ranking, so that no
    page is continued behind it once anything was written.
    """
    if window.version is not None:
        await _version(store, window)


async def _why_missing(store: GraphStore, kind: NodeKind, node_id: str) -> QueryError:
    read = {
        NodeKind.POST: store.posts,
        NodeKind.INTENTION: store.intentions,
        NodeKind.CONCEPT: store.concepts,
    }[kind]
    if (await read([node_id]))[0] is None:
        return UnknownIdError(node_id)
    return QueryError(f"{node_id!r} has no embedding yet: run `miko embed`")
