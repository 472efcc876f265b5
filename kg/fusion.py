"""Reciprocal rank fusion: one ranking of what meaning and words found."""

from collections.abc import Iterable, Sequence
from typing import Final

from kg.ranking import SearchHit
from kg.store import Match, Near
from schema.search import Mode

FUSION_POOL: Final = 200
"""How many of each ranking are fused; also the deepest rank that hybrid search goes to."""

FUSION_CONSTANT: Final = 60
"""The k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


def ranked(near: Sequence[Near], matches: Sequence[Match], mode: Mode) -> list[SearchHit]:
    if mode is Mode.SEMANTIC:
        return [SearchHit(n.id, similarity=n.similarity) for n in near]
    if mode is Mode.TEXT:
        return [SearchHit(m.id, relevance=m.relevance) for m in matches]
    scores = fuse([[n.id for n in near], [m.id for m in matches]])
    similarity = {n.id: n.similarity for n in near}
    relevance = {m.id: m.relevance for m in matches}
    return [
        SearchHit(node_id, similarity.get(node_id), relevance.get(node_id), score)
        for node_id, score in scores
    ]


def fuse(rankings: Iterable[Sequence[str]]) -> list[tuple[str, float]]:
    """Fuse rankings of ids: a sum of 1 / (60 + rank), falling, ties by rising id."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, node_id in enumerate(ranking, start=1):
            scores[node_id] = scores.get(node_id, 0.0) + 1 / (FUSION_CONSTANT + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
