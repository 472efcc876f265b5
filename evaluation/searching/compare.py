"""Rankers compared on the same questions, in pairs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluation.bootstrap import Estimate, Floats, Resampling, estimate
from evaluation.searching.graded import Query, QuestionForm
from evaluation.searching.measures import ndcg, recall, reciprocal_rank
from evaluation.searching.rankers import Ranker, Rankings
from schema.relations import Relation

MEASURES: Final = {"ndcg": ndcg, "reciprocal_rank": reciprocal_rank, "recall": recall}


@dataclass(frozen=True, slots=True)
class RankerQuality:
    """How good a ranker is on questions of a form, and of a relation.

    Attributes:
        form: How they are asked.
        relation: Of the intentions that ask, or are asked for; None for all.
        ranker: The ranker.
        queries: How many asked.
        ndcg: Of the first ten.
        reciprocal_rank: Of the first that was accepted.
        recall: Of the accepted, among the first hundred.
        gain: By which share its ndcg is above plain cosine's, on the same questions.
    """

    form: QuestionForm
    relation: Relation | None
    ranker: Ranker
    queries: int
    ndcg: Estimate
    reciprocal_rank: Estimate
    recall: Estimate
    gain: Estimate


def ranker_qualities(
    queries: Sequence[Query], rankings: Rankings, how: Resampling
) -> list[RankerQuality]:
    """Return each ranker on each form, all questions first, then those of each relation.

    Args:
        queries: What was asked.
        rankings: Of each ranker, one answer a query; SEMANTIC is among them.
        how: The resampling.
    """
    values = {ranker: _values(queries, found) for ranker, found in rankings.items()}
    told: list[RankerQuality] = []
    for form, relation in _parts(queries):
        places = [n for n, q in enumerate(queries) if _is_of(q, form, relation)]
        asked = [queries[n] for n in places]
        own = {r: {name: v[places] for name, v in of.items()} for r, of in values.items()}
        told += [
            RankerQuality(form, relation, ranker, len(asked), **_figures(asked, own, ranker, how))
            for ranker in own
        ]
    return told


def _parts(queries: Sequence[Query]) -> Iterator[tuple[QuestionForm, Relation | None]]:
    for form in QuestionForm:
        relations = {query.relation for query in queries if query.form is form}
        if relations:
            yield form, None
        if len(relations) > 1:
            yield from ((form, relation) for relation in Relation if relation in relations)


def _is_of(query: Query, form: QuestionForm, relation: Relation | None) -> bool:
    return query.form is form and relation in (None, query.relation)


def _values(queries: Sequence[Query], rankings: Sequence[Sequence[str]]) -> Mapping[str, Floats]:
    return {
        name: np.array([of(ids, q.grades) for q, ids in zip(queries, rankings, strict=True)])
        for name, of in MEASURES.items()
    }


def _figures(
    asked: Sequence[Query],
    values: Mapping[Ranker, Mapping[str, Floats]],
    ranker: Ranker,
    how: Resampling,
) -> Mapping[str, Estimate]:
    _, owner = np.unique([query.post_id for query in asked], return_inverse=True)
    own, plain = values[ranker], values[Ranker.SEMANTIC]["ndcg"]

    def share(part: Floats, of: Floats) -> Estimate:
        sums = [np.bincount(owner, weights=column).astype(np.float64) for column in (part, of)]
        return estimate(np.stack(sums, axis=1), _ratio, how)

    figures = {name: share(column, np.ones_like(column)) for name, column in own.items()}
    return {**figures, "gain": share(own["ndcg"] - plain, plain)}


def _ratio(sums: Floats) -> Floats:
    return sums[:, 0] / np.where(sums[:, 1] > 0, sums[:, 1], np.nan)
