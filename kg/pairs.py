"""Which of their intentions some posts pass a filter with."""

from collections.abc import Mapping, Sequence
from typing import Final

from kg.store import GraphStore
from schema.graph import Filter
from schema.nodes import Intention

GROWTH: Final = 4


async def intentions_that_pass(
    store: GraphStore, post_ids: Sequence[str], where: Filter
) -> dict[str, list[Intention]]:
    """Return of each post the intentions whose pair passes, each once, as ``intentions_of`` does.

    Args:
        store: Where they are.
        post_ids: Posts that pass.
        where: What passes.
    """
    held = await store.intentions_of(post_ids, where.relations)
    own = {
        post_id: list(dict.fromkeys(one.intention for one in some))
        for post_id, some in zip(post_ids, held, strict=True)
    }
    # The other conditions hold for a post with any of its intentions.
    if not where.tells_intentions_apart:
        return own
    pairs = await _passing(store, own, where)
    return {
        post_id: [intention for intention in some if (post_id, intention.id) in pairs]
        for post_id, some in own.items()
    }


async def _passing(
    store: GraphStore, own: Mapping[str, Sequence[Intention]], where: Filter
) -> set[tuple[str, str]]:
    """Return the pairs that pass, as (post id, intention id), those of other posts among them.

    The holders of an intention come by rising id: once one lies behind the last of these posts,
    all of these have been seen. Of posts that are the first to pass, the first call sees them all.
    """
    ids = list(dict.fromkeys(intention.id for some in own.values() for intention in some))
    last, limit = max(own, default=""), len(own)
    pairs: set[tuple[str, str]] = set()
    while ids:
        holders = await store.posts_of(ids, limit=limit, where=where)
        found = dict(zip(ids, holders, strict=True))
        pairs.update((post_id, i) for i, posts in found.items() for post_id in posts)
        ids = [i for i, posts in found.items() if len(posts) == limit and posts[-1] < last]
        limit *= GROWTH
    return pairs
