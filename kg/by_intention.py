"""Posts by an intention that they have, each with the intention as evidence."""

from dataclasses import dataclass

from kg.asked import check_text, embedded
from kg.embedder import Embedder
from kg.pairs import intentions_that_pass
from kg.ranking import FIRST_PAGE, RESULT_LIMIT, Ranking, Window, paged
from kg.store import GraphStore, Near, Vector
from schema.graph import EVERYTHING, Filter
from schema.nodes import Intention, NodeKind


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

    @property
    def key(self) -> tuple[float | str, ...]:
        """Its similarity, 0 where nothing was asked, the post and the evidence."""
        return self.similarity or 0.0, self.post_id, self.intention.id


async def posts_by_intention(
    store: GraphStore,
    embedder: Embedder | None,
    about: str | None,
    *,
    where: Filter = EVERYTHING,
    window: Window = FIRST_PAGE,
) -> Ranking[PostHit]:
    """Return posts that have an intention that passes, each with the intention as evidence.

    With ``about``, posts come by falling similarity of their nearest intention, ties by rising
    post id, evidence ties by rising intention id. Without, by rising post id, with the first
    intention as evidence.

    Raises:
        QueryError, EmbeddingModelError, StaleCursorError: As ``search``.
    """
    if about is not None:
        check_text(about)

    async def ranked(last: int) -> list[PostHit]:
        if about is None:
            return await _listed_posts(store, where, last + 1)
        (query,) = await embedded(store, embedder, [about])
        return await _nearest_posts(store, query, where, last + 1)

    return await paged(store, window, RESULT_LIMIT, ranked)


async def _listed_posts(store: GraphStore, where: Filter, need: int) -> list[PostHit]:
    page = await store.ids(NodeKind.POST, where=where, limit=need)
    own = await intentions_that_pass(store, page.ids, where)
    return [PostHit(i, some[0]) for i, some in own.items() if some]


async def _nearest_posts(
    store: GraphStore, query: Vector, where: Filter, need: int
) -> list[PostHit]:
    """Widen the circle of intentions until it holds enough posts, whatever ties its rim has."""
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
