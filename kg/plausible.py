"""Results in the order of how plausible they are."""

from collections.abc import Sequence

from kg.ranking import REORDERED_POOL, SearchHit
from kg.store import GraphStore
from schema.errors import QueryError
from schema.graph import Filter
from schema.nodes import NodeKind


async def most_plausible_first(
    store: GraphStore, kind: NodeKind, hits: Sequence[SearchHit], where: Filter
) -> list[SearchHit]:
    """Return the first REORDERED_POOL of a ranking, the most plausible first.

    Of several pairs that pass the greatest plausibility counts; what has none comes last. Ties
    keep the order that was there.

    Raises:
        QueryError: Concepts are asked for.
    """
    pool = hits[:REORDERED_POOL]
    found = await store.plausibilities(kind, [hit.id for hit in pool], where)
    known = {hit.id: value for hit, value in zip(pool, found, strict=True) if value is not None}
    return sorted(pool, key=lambda hit: -known.get(hit.id, -1.0))


def require_in_pairs(kind: NodeKind) -> None:
    """Refuse nodes that no pair of a post and an intention holds.

    Raises:
        QueryError: Concepts are asked for.
    """
    if kind is NodeKind.CONCEPT:
        raise QueryError("concepts have no plausibility: ask for posts or intentions")
