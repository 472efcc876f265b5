"""Drawing what is to be judged from the graph: as many of each relation, or what was disputed."""

import heapq
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from evaluation.annotation.items import Item
from evaluation.annotation.judged import ItemKey, Judged
from ingest.formats.miko_text import tail_of
from ingest.progress import Report
from kg.pages import pages
from kg.store import GraphStore, HeldIntention
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind, Post
from schema.relations import Relation
from schema.text import digest

PAGE_ROWS: Final = 1_000
POSTS_LIMIT: Final = 1_000
"""Most posts of one intention that are drawn from."""

NO_KEYS: Final[AbstractSet[ItemKey]] = frozenset()
Drawn = dict[Relation, list[tuple[str, ItemKey]]]


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn.

    Attributes:
        per_relation: Most pairs of one relation.
        seed: Another one draws others.
        where: Which pairs are drawn from.
        without: Pairs that are not drawn, as those of an earlier batch.
    """

    per_relation: int
    seed: int = 0
    where: Filter = EVERYTHING
    without: AbstractSet[ItemKey] = NO_KEYS


async def sample(store: GraphStore, draw: Draw, progress: Report) -> list[Item]:
    """Draw pairs of a post and its intention, as many of each relation, where there are so many.

    Each pair of a relation that passes is as likely as any other, but for an intention that more
    than POSTS_LIMIT posts have: only pairs with the first of them are drawn. The draw depends on
    the seed and the pairs alone: not on the store, nor on the order in which they were loaded.

    Args:
        store: The graph.
        draw: What is drawn.
        progress: Told how many intentions were seen.

    Returns:
        Items in an order that mixes the relations.
    """
    drawn: Drawn = {}
    seen, total = 0, await store.count(NodeKind.INTENTION, draw.where)
    async for keys, intentions in _pairs(store, draw.where):
        for key in keys:
            if key not in draw.without:
                rank = digest(str(draw.seed), key.post_id, key.intention_id)
                _keep(drawn, draw.per_relation, rank, key)
        seen += intentions
        progress(seen, total)
    ranked = sorted(pair for some in drawn.values() for pair in some)
    return await items_of(store, [key for _, key in reversed(ranked)])


def disputed(judged: Iterable[Judged]) -> list[ItemKey]:
    """Return the items for which annotators chose different things, in the order of their keys."""
    choices: dict[ItemKey, set[str]] = {}
    for one in judged:
        choices.setdefault(one.item, set()).add(one.choice)
    return sorted(key for key, some in choices.items() if len(some) > 1 and key.intention_id)


async def items_of(store: GraphStore, keys: Sequence[ItemKey]) -> list[Item]:
    """Return these items in words, in their order; those that the graph has not are left out."""
    items: list[Item] = []
    for start in range(0, len(keys), PAGE_ROWS):
        page = keys[start : start + PAGE_ROWS]
        ids = list({key.post_id for key in page})
        posts = {post.id: post for post in await store.posts(ids) if post is not None}
        held = await held_by(store, ids)
        items += [
            _item(key, posts[key.post_id], held[key.post_id, key.intention_id])
            for key in page
            if (key.post_id, key.intention_id) in held
        ]
    return items


async def held_by(
    store: GraphStore, post_ids: Sequence[str]
) -> Mapping[tuple[str, str], HeldIntention]:
    """Return posts' intentions by both ids, as the first run said them."""
    lists = await store.intentions_of(post_ids)
    return {
        (post_id, one.intention.id): one
        for post_id, some in zip(post_ids, lists, strict=True)
        for one in reversed(some)
    }


async def _pairs(store: GraphStore, where: Filter) -> AsyncGenerator[tuple[list[ItemKey], int]]:
    """Yield the pairs that pass, and of how many intentions they are, page by page."""
    for relation in where.relations or Relation:
        of_it = replace(where, relations=(relation,))
        ask = partial(store.ids, NodeKind.INTENTION, where=of_it, limit=PAGE_ROWS)
        async for ids in pages(lambda after, ask=ask: ask(after=after)):
            posts = await store.posts_of(ids, limit=POSTS_LIMIT, where=of_it)
            yield (
                [
                    ItemKey(post_id, relation, intention_id)
                    for intention_id, some in zip(ids, posts, strict=True)
                    for post_id in some
                ],
                len(ids),
            )


def _keep(drawn: Drawn, most: int, rank: str, key: ItemKey) -> None:
    """Keep a pair if it is among those of greatest rank of its relation."""
    some = drawn.setdefault(key.relation, [])
    if len(some) < most:
        heapq.heappush(some, (rank, key))
    else:
        heapq.heappushpop(some, (rank, key))


def _item(key: ItemKey, post: Post, held: HeldIntention) -> Item:
    tail = tail_of(key.relation, held.has.raw) or held.intention.text
    return Item(
        key,
        post.text,
        post.images[0].uri if post.images else "",
        post.image_description,
        key.relation.about.sentence(tail),
    )
