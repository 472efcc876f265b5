"""Posts of which two relations say what differs most: what the author feels, what others do."""

from collections.abc import Sequence

from kg.ranking import FIRST_PAGE, RESULT_LIMIT, Ranking, Window, paged
from kg.store import DivergentPair, GraphStore
from schema.errors import QueryError
from schema.graph import EVERYTHING, Filter
from schema.relations import Relation


async def divergence(
    store: GraphStore,
    relations: tuple[Relation, Relation],
    *,
    where: Filter = EVERYTHING,
    window: Window = FIRST_PAGE,
) -> Ranking[DivergentPair]:
    """Rank posts by how far what they have of one relation lies from what they have of another.

    A post's divergence is 1 less the greatest cosine of an intention of the first relation and
    one of the second: it falls, ties by rising post id (GraphStore.divergent).

    Raises:
        QueryError: Both relations are one, or the page lies too deep.
        StaleCursorError: The graph has changed since the version of the window.
    """
    if relations[0] is relations[1]:
        raise QueryError(f"both relations are {relations[0].value}: name two that are to differ")

    async def ranked(last: int) -> Sequence[DivergentPair]:
        return await store.divergent(relations, last + 1, where)

    return await paged(store, window, RESULT_LIMIT, ranked)
