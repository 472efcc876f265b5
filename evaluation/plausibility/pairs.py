"""Pairs of a post and one of its intentions, as numbers say them, and how people judged them.

Nothing of an annotator, an id, a date or an order is among them: those would tell the label, and
not the pair.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluation.annotation.accepted import accepted, is_judged
from evaluation.near_duplicates import words_of
from kg.pages import pages
from kg.store import GraphStore, HeldIntention
from schema.graph import HasIntention
from schema.nodes import NodeKind, Post
from schema.relations import Relation

PAGE_POSTS: Final = 500
WORD: Final = re.compile(r"\w+")
NUMBERS: Final = (
    "similarity to the post",
    "that of the post's intentions on average",
    "similarity to its other intentions on average",
    "similarity to the nearest of them",
    "words",
    "share of the words that the post has",
    "words of the post",
)
"""What Pair.numbers holds; a similarity is 0 where there is no embedding."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair as its run said it, and what speaks for and against it.

    Attributes:
        has: The relationship.
        relation: The intention's.
        tail: The intention's text.
        post: The post's text.
        numbers: In the order of NUMBERS; ways that are compared may add to them.
        group: The post's words: posts that say the same are not told apart.
        accepted: Whether people took it (evaluation.annotation.accepted); None where none judged
            it, or as many took it as not.
        is_judged: Whether anybody judged it.
    """

    has: HasIntention
    relation: Relation
    tail: str
    post: str
    numbers: tuple[float, ...]
    group: str
    accepted: bool | None
    is_judged: bool


async def pairs(store: GraphStore) -> AsyncIterator[list[Pair]]:
    """Yield the pairs of the graph, some hundred posts' at a time, by rising post id."""
    async for ids in pages(lambda after: store.ids(NodeKind.POST, after=after, limit=PAGE_POSTS)):
        yield await pairs_of(store, ids)


async def pairs_of(store: GraphStore, post_ids: Sequence[str]) -> list[Pair]:
    """Return the pairs of posts, in the order of ``intentions_of``."""
    held = await store.intentions_of(post_ids)
    ids = sorted({one.intention.id for own in held for one in own})
    rows = await store.embeddings(NodeKind.INTENTION, ids)
    tails = {i: row for i, row in zip(ids, rows, strict=True) if row is not None}
    heads = await store.embeddings(NodeKind.POST, post_ids)
    posts = await store.posts(post_ids)
    return [
        pair
        for post, own, head in zip(posts, held, heads, strict=True)
        if post is not None
        for pair in _pairs(post, own, head, tails)
    ]


def _pairs(
    post: Post,
    held: Sequence[HeldIntention],
    head: NDArray[np.float32] | None,
    tails: Mapping[str, NDArray[np.float32]],
) -> list[Pair]:
    alike = _likeness(held, head, tails)
    words = set(WORD.findall(post.text.casefold()))
    group = words_of(post.text) or post.id
    return [
        Pair(
            one.has,
            one.intention.relation,
            one.intention.text,
            post.text,
            (*numbers, *_of_words(one.intention.text, words)),
            group,
            accepted(one.judgements),
            is_judged(one.judgements),
        )
        for one, numbers in zip(held, alike.tolist(), strict=True)
    ]


def _likeness(
    held: Sequence[HeldIntention],
    head: NDArray[np.float32] | None,
    tails: Mapping[str, NDArray[np.float32]],
) -> NDArray[np.float64]:
    """Return (pairs, 4): the first four of NUMBERS."""
    found = np.zeros((len(held), 4))
    places = [n for n, one in enumerate(held) if one.intention.id in tails]
    if not places:
        return found
    own = np.stack([tails[held[n].intention.id] for n in places])
    if head is not None:
        found[places, 0] = own @ head
        found[places, 1] = found[places, 0].mean()
    if len(places) > 1:
        others = own @ own.T
        np.fill_diagonal(others, np.nan)
        found[places, 2], found[places, 3] = np.nanmean(others, axis=1), np.nanmax(others, axis=1)
    return found


def _of_words(tail: str, post_words: set[str]) -> tuple[float, float, float]:
    words = set(WORD.findall(tail.casefold()))
    return len(words), len(words & post_words) / max(1, len(words)), len(post_words)
