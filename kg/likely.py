"""What a text that is not in the graph is likely meant to do: what the nearest posts say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kg.asked import check_text, embedded
from kg.embedder import Embedder
from kg.pairs import intentions_that_pass
from kg.store import SIMILARITY_DIGITS, GraphStore, Near
from schema.errors import QueryError
from schema.graph import EVERYTHING, Filter
from schema.nodes import Intention, NodeKind
from schema.relations import Relation

VOTER_LIMIT: Final = 100
"""Most posts that have a vote."""


@dataclass(frozen=True, slots=True)
class LikelyIntention:
    """An intention, and the posts that speak for it.

    Attributes:
        intention: The intention.
        vote: Sum of the similarities of these posts; one below 0 counts as 0.
        posts: They, the nearest first.
    """

    intention: Intention
    vote: float
    posts: tuple[Near, ...]


@dataclass(frozen=True, slots=True)
class Likely:
    """What the nearest posts say.

    Attributes:
        posts: The posts that had a vote, by falling similarity, ties by rising id.
        intentions: By relation, in MIKO's order; only relations that these posts have. Of one
            relation by falling vote, ties by rising id.
    """

    posts: tuple[Near, ...]
    intentions: Mapping[Relation, tuple[LikelyIntention, ...]]


async def likely_intentions(
    store: GraphStore,
    embedder: Embedder | None,
    text: str,
    *,
    nearest: int = 20,
    where: Filter = EVERYTHING,
) -> Likely:
    """Ask the posts that are nearest to a text, of those that pass and have an intention.

    Each speaks for each of its intentions that passes with it, by its similarity to the text: so
    vote the k nearest in Yang and Liu (A re-examination of text categorization methods, SIGIR
    1999).

    Raises:
        QueryError: The text is empty or no text, or ``nearest`` is not in 1 to VOTER_LIMIT.
        EmbeddingModelError: The graph was embedded by another model than the embedder's.
    """
    check_text(text)
    if not 1 <= nearest <= VOTER_LIMIT:
        raise QueryError(f"nearest is {nearest}: ask for 1 to {VOTER_LIMIT}")
    where = replace(where, relations=where.relations or tuple(sorted(Relation)))
    (query,) = await embedded(store, embedder, [text])
    near = await store.nearest(NodeKind.POST, query, nearest, where)
    own = await intentions_that_pass(store, [post.id for post in near], where)
    return Likely(tuple(near), _votes(near, own))


def _votes(
    near: Sequence[Near], own: Mapping[str, Sequence[Intention]]
) -> dict[Relation, tuple[LikelyIntention, ...]]:
    speakers: dict[Intention, list[Near]] = {}
    for post in near:
        for intention in own[post.id]:
            speakers.setdefault(intention, []).append(post)
    likely = [LikelyIntention(i, _sum(posts), tuple(posts)) for i, posts in speakers.items()]
    likely.sort(key=lambda one: (-one.vote, one.intention.id))
    by_relation = {r: tuple(x for x in likely if x.intention.relation is r) for r in Relation}
    return {relation: some for relation, some in by_relation.items() if some}


def _sum(posts: Sequence[Near]) -> float:
    return round(sum(max(0.0, post.similarity) for post in posts), SIMILARITY_DIGITS)
