"""Graded questions of real posts, in four forms. An answer of another post counts as wrong.

So every figure is a lower bound, the same for each ranker: another post may well say it too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from evaluation.plausibility.pairs import Pair
from evaluation.searching.material import EmbeddedPost, Material, Row
from evaluation.searching.measures import ACCEPTED, REFUSED
from schema.relations import Relation

LEAST_OTHERS: Final = 2
"""Other open intentions that a post nobody judged must have, for one to ask for them."""


class QuestionForm(StrEnum):
    """How a question is asked, and what answers it."""

    POST = "post"
    """What a person wrote, the post, asks for all its intentions."""

    RELATION = "post by relation"
    """The same, filtered by a relation, for the accepted intention of that relation."""

    REASON = "other reasons"
    """An open intention asks for the others of its post: one relation, one model, no judgement."""

    SLOT = "other slots"
    """An accepted intention asks for the others of its post, which are of other relations."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    Attributes:
        form: How it is asked.
        post_id: Of which post.
        node_id: The node whose text and embedding ask: the post, or an intention of it.
        text: What asks.
        embedding: (dimensions,), of it.
        relation: Of the intention that asks, or that is asked for; None for all.
        grades: Of each answer, by id; one is ACCEPTED.
    """

    form: QuestionForm
    post_id: str
    node_id: str
    text: str
    embedding: Row
    relation: Relation | None
    grades: Mapping[str, int]

    @property
    def by_post(self) -> bool:
        """Whether a post asks, and no intention."""
        return self.node_id == self.post_id

    @property
    def within(self) -> Relation | None:
        """The relation that answers are filtered by."""
        return self.relation if self.form is QuestionForm.RELATION else None


def graded(given: Material, limit: int, seed: int) -> list[Query]:
    """Return at most so many questions of each form; of a relation at most a tenth of them."""
    rng = np.random.default_rng(seed)
    drawn: list[Query] = []
    for form, every in _by_form(given).items():
        relations = dict.fromkeys(query.relation for query in every)
        share = (
            limit // len(Relation) if form in (QuestionForm.RELATION, QuestionForm.SLOT) else limit
        )
        for relation in relations:
            some = [query for query in every if query.relation is relation]
            places: list[int] = np.sort(rng.permutation(len(some))[:share]).tolist()
            drawn += [some[place] for place in places]
    return drawn


def _by_form(given: Material) -> Mapping[QuestionForm, Sequence[Query]]:
    rows = given.rows
    return {
        QuestionForm.POST: [query for post in given.asking for query in _of_post(post, rows)],
        QuestionForm.RELATION: [
            query for post in given.asking for query in _by_relation(post, rows)
        ],
        QuestionForm.REASON: [
            query for post in given.unjudged for query in _of_reasons(post, rows)
        ],
        QuestionForm.SLOT: [query for post in given.asking for query in _of_slots(post, rows)],
    }


def _grades(post: EmbeddedPost, rows: Mapping[str, Row]) -> dict[str, int]:
    return {
        pair.has.intention_id: ACCEPTED if pair.accepted else REFUSED
        for pair in post.pairs
        if pair.accepted is not None and pair.has.intention_id in rows
    }


def _of_post(post: EmbeddedPost, rows: Mapping[str, Row]) -> Iterator[Query]:
    grades = _grades(post, rows)
    if ACCEPTED in grades.values():
        yield _asked_by_post(QuestionForm.POST, post, None, grades)


def _by_relation(post: EmbeddedPost, rows: Mapping[str, Row]) -> Iterator[Query]:
    grades = _grades(post, rows)
    for relation in Relation:
        own = {p.has.intention_id for p in post.pairs if p.relation is relation}
        accepted = {i: ACCEPTED for i in own if grades.get(i) == ACCEPTED}
        if accepted:
            yield _asked_by_post(QuestionForm.RELATION, post, relation, accepted)


def _of_reasons(post: EmbeddedPost, rows: Mapping[str, Row]) -> Iterator[Query]:
    own = {p.has.intention_id: p for p in post.pairs if p.relation is Relation.OPEN}
    first, *others = [i for i in own if i in rows] or [""]
    if len(others) >= LEAST_OTHERS:
        yield _asked_by(QuestionForm.REASON, own[first], rows, dict.fromkeys(others, ACCEPTED))


def _of_slots(post: EmbeddedPost, rows: Mapping[str, Row]) -> Iterator[Query]:
    grades = _grades(post, rows)
    for pair in post.pairs:
        own = pair.has.intention_id
        others = {i: grade for i, grade in grades.items() if i != own}
        if grades.get(own) == ACCEPTED and ACCEPTED in others.values():
            yield _asked_by(QuestionForm.SLOT, pair, rows, others)


def _asked_by_post(
    form: QuestionForm, post: EmbeddedPost, relation: Relation | None, grades: Mapping[str, int]
) -> Query:
    return Query(form, post.id, post.id, post.text, post.embedding, relation, grades)


def _asked_by(
    form: QuestionForm, pair: Pair, rows: Mapping[str, Row], grades: Mapping[str, int]
) -> Query:
    own = pair.has.intention_id
    return Query(form, pair.has.post_id, own, pair.tail, rows[own], pair.relation, grades)
