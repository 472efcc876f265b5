"""How near ATOMIC's predictions for a post come to its intentions: two more numbers of a pair."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from evaluation.plausibility.pairs import Pair
from ingest.progress import Report
from kg.prediction import predict
from kg.store import GraphStore
from schema.errors import QueryError

HEADS: Final = 20
"""Events that predictions are drawn from."""


async def with_foreseen(
    store: GraphStore, pairs: Sequence[Pair], progress: Report
) -> list[Pair] | None:
    """Return pairs with the cosine of the nearest prediction, and whether there is any.

    None where nothing is predicted for any: the graph has no events of ATOMIC, or they are not
    embedded.
    """
    nearest: dict[tuple[str, str], float] = {}
    ids = sorted({pair.has.post_id for pair in pairs})
    for done, post_id in enumerate(ids, start=1):
        with suppress(QueryError):  # the post has no embedding
            for one in (await predict(store, post_id, heads=HEADS)).said:
                if one.nearest is not None:
                    nearest[post_id, one.intention_id] = one.nearest.similarity
        progress(done, len(ids))
    if not nearest:
        return None
    keys = [(pair.has.post_id, pair.has.intention_id) for pair in pairs]
    return [
        replace(pair, numbers=(*pair.numbers, nearest.get(key, 0.0), float(key in nearest)))
        for pair, key in zip(pairs, keys, strict=True)
    ]
