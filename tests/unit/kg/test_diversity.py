"""Diversity and one result a post, as pure functions of a ranking."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kg.diversity import diverse, one_per_post
from kg.ranking import Place, SearchHit
from kg.store import Vector
from schema.search import Ranker

similarities = st.lists(st.integers(-9, 9), max_size=12).map(lambda some: sorted(some)[::-1])
shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])


def hits_of(given_similarities: list[int]) -> list[SearchHit]:
    return [
        SearchHit(f"{n:02}", n + 1, (Place(Ranker.MEANING, n + 1),), similarity=value / 10)
        for n, value in enumerate(given_similarities)
    ]


def drawn(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(count).standard_normal((count, 3)).astype(np.float32)


@given(similarities)
def test_no_diversity_keeps_the_order(given_similarities: list[int]) -> None:
    hits = hits_of(given_similarities)

    ordered = diverse(hits, list(drawn(len(hits))), 0.0)

    assert [hit.id for hit in ordered] == [hit.id for hit in hits]


@given(similarities, shares)
def test_each_hit_stays_and_the_best_is_first(given_similarities: list[int], share: float) -> None:
    hits = hits_of(given_similarities)

    ordered = diverse(hits, list(drawn(len(hits))), share)

    assert sorted(hit.id for hit in ordered) == [hit.id for hit in hits]
    assert [hit.id for hit in ordered[:1]] == [hit.id for hit in hits[:1]]


def test_what_is_like_the_first_comes_after_what_is_not() -> None:
    hits = hits_of([9, 8, 7])
    embeddings: list[Vector | None] = list(np.eye(2, dtype=np.float32)[[0, 0, 1]])

    ordered = diverse(hits, embeddings, 0.5)

    assert [hit.id for hit in ordered] == ["00", "02", "01"]
    assert [hit.redundancy for hit in ordered] == [None, 0.0, 1.0]


def test_a_node_without_an_embedding_is_like_no_other() -> None:
    hits = hits_of([9, 8, 7])
    embeddings = [drawn(3)[0], drawn(3)[0], None]

    assert [hit.id for hit in diverse(hits, embeddings, 0.5)] == ["00", "02", "01"]
    assert [hit.id for hit in diverse(hits, [None, None, None], 0.5)] == ["00", "01", "02"]


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=3), max_size=8))
def test_no_two_that_stay_share_a_post_and_each_that_goes_shares_one(
    posts: list[list[str]],
) -> None:
    hits = hits_of([0] * len(posts))
    own = {hit.id: set(some) for hit, some in zip(hits, posts, strict=True)}

    kept = [hit.id for hit in one_per_post(hits, posts)]

    assert kept == sorted(kept)
    assert sum(len(own[i]) for i in kept) == len(set[str]().union(*(own[i] for i in kept)))
    gone = sorted(own.keys() - set(kept))
    assert all(any(own[i] & own[better] for better in kept if better < i) for i in gone)
