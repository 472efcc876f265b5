"""What search is measured on: the judged posts of a graph, in two parts, and what may be found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluation.near_duplicates import are_near
from evaluation.plausibility.pairs import PAGE_POSTS, Pair, pairs
from evaluation.searching.parts import halves
from kg.store import GraphStore
from schema.errors import InputError
from schema.nodes import NodeKind
from schema.relations import Relation

UNJUDGED_LIMIT: Final = 5_000
"""Posts that nobody judged, whose intentions may be found too, by rising id."""

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbeddedPost:
    """A post with its embedding and its pairs, in the order of ``intentions_of``."""

    id: str
    text: str
    embedding: Row
    pairs: Sequence[Pair]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The intentions that may be found: those of posts that ask, and of posts nobody judged.

    Attributes:
        ids: (n,), rising.
        relations: (n,), of each.
        texts: (n,).
        embeddings: (n, dimensions), float32, of unit length.
        post_ids: Of which posts.
    """

    ids: Sequence[str]
    relations: Sequence[Relation]
    texts: Sequence[str]
    embeddings: Row
    post_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Material:
    """Posts, and the embeddings of their intentions by id.

    Attributes:
        learnt: Judged posts to learn from.
        asking: Judged posts that ask.
        unjudged: Posts that nobody judged, UNJUDGED_LIMIT at most, without near duplicates of
            those to learn from.
        rows: Of every intention of these that has an embedding.
    """

    learnt: Sequence[EmbeddedPost]
    asking: Sequence[EmbeddedPost]
    unjudged: Sequence[EmbeddedPost]
    rows: Mapping[str, Row]

    def corpus(self) -> Corpus:
        """Return what may be found."""
        posts = [*self.asking, *self.unjudged]
        found = {p.has.intention_id: p for post in posts for p in post.pairs}
        ids = sorted(found.keys() & self.rows.keys())
        return Corpus(
            ids,
            [found[i].relation for i in ids],
            [found[i].tail for i in ids],
            np.stack([self.rows[i] for i in ids]),
            [post.id for post in posts],
        )


async def material(store: GraphStore) -> Material:
    """Read what search is measured on.

    Posts that people judged, but as many for as against each intention, are left out.

    Raises:
        InputError: Too few posts were judged and embedded.
    """
    judged: list[EmbeddedPost] = []
    unjudged: list[EmbeddedPost] = []
    async for page in pairs(store):
        for post in await _held(store, page):
            if any(pair.accepted is not None for pair in post.pairs):
                judged.append(post)
            elif not any(pair.is_judged for pair in post.pairs):
                unjudged.append(post)
        del unjudged[UNJUDGED_LIMIT:]
    rows = await _rows(store, [*judged, *unjudged])
    first, second = halves([post.id for post in judged], _embeddings(judged))
    learnt = [post for post in judged if post.id in first]
    asking = [post for post in judged if post.id in second]
    given = Material(learnt, asking, apart(unjudged, learnt), rows)
    _check_enough(given)
    return given


def apart(posts: Sequence[EmbeddedPost], learnt: Sequence[EmbeddedPost]) -> list[EmbeddedPost]:
    """Return the posts that are no near duplicate of one that is learnt from."""
    near = are_near(_embeddings(posts), _embeddings(learnt)).tolist()
    return [post for post, is_near in zip(posts, near, strict=True) if not is_near]


def _embeddings(posts: Sequence[EmbeddedPost]) -> Row:
    return np.array([post.embedding for post in posts] or np.empty((0, 1), np.float32))


def _check_enough(given: Material) -> None:
    """Refuse material of which nothing can be asked, or nothing learnt.

    Raises:
        InputError: It is so.
    """
    for posts in (given.learnt, given.asking):
        pairs_of = (pair for post in posts for pair in post.pairs)
        if not any(pair.accepted and pair.has.intention_id in given.rows for pair in pairs_of):
            raise InputError(
                f"{len(given.learnt) + len(given.asking)} posts of the graph were judged and "
                "embedded, too few to ask by some and learn from others: run `miko load` on files "
                "with judgements, then `miko embed`"
            )


async def _held(store: GraphStore, page: Sequence[Pair]) -> list[EmbeddedPost]:
    of_post = {i: list(own) for i, own in groupby(page, key=lambda pair: pair.has.post_id)}
    posts = await store.posts(list(of_post))
    rows = await store.embeddings(NodeKind.POST, list(of_post))
    return [
        EmbeddedPost(post.id, post.text, row, of_post[post.id])
        for post, row in zip(posts, rows, strict=True)
        if post is not None and row is not None
    ]


async def _rows(store: GraphStore, posts: Sequence[EmbeddedPost]) -> dict[str, Row]:
    ids = sorted({pair.has.intention_id for post in posts for pair in post.pairs})
    found: dict[str, Row] = {}
    for start in range(0, len(ids), PAGE_POSTS):
        some = ids[start : start + PAGE_POSTS]
        rows = await store.embeddings(NodeKind.INTENTION, some)
        found |= {i: row for i, row in zip(some, rows, strict=True) if row is not None}
    return found
