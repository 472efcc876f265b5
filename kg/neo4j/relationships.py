"""Relationships as they are written: their ends, what tells them apart, and what they hold."""

from dataclasses import dataclass

from kg.hops import LEAST_PLAUSIBLE, UNJUDGED
from kg.neo4j.rows import Properties
from schema.graph import NO_RUN, About, HasIntention, Judgement, Mentions, Related
from schema.text import rank_of

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship to write: its ends, what tells it from parallel ones, what it holds."""

    start: str
    end: str
    key: Key
    values: Properties

    @property
    def identity(self) -> Key:
        return (self.start, self.end, *self.key)


def has_intention(one: HasIntention) -> Relationship:
    values: Properties = {"run": one.run_id, "raw": one.raw}
    if one.plausibility is not None:
        values["plausibility"] = one.plausibility
    if one.estimator_id != NO_RUN:
        values["estimator"] = one.estimator_id
    return _followed(one.post_id, one.intention_id, (one.run_id,), with_confidence(values))


def with_confidence(values: Properties) -> Properties:
    plausibility = values.get("plausibility")
    sure = UNJUDGED if plausibility is None else max(LEAST_PLAUSIBLE, plausibility)
    return {**values, "confidence": sure}


def judged(one: Judgement) -> Relationship:
    values = {"annotator": one.annotator, "time": one.time, "choice": one.choice}
    return Relationship(one.post_id, one.intention_id, (one.annotator, one.time), values)


def mentions(one: Mentions) -> Relationship:
    values = {"aspect": one.aspect.value, "raw": one.raw, "run": one.run_id}
    return _followed(one.post_id, one.concept_id, tuple(values.values()), values)


def about(one: About) -> Relationship:
    values: Properties = {"method": one.method, "confidence": one.confidence}
    return _followed(one.intention_id, one.concept_id, (one.method,), values)


def related(one: Related) -> Relationship:
    values: Properties = {
        "relation": one.relation,
        "source": one.source,
        "weight": one.weight,
        "licence": one.licence,
    }
    return _followed(one.head_id, one.tail_id, (one.relation, one.source), values)


def _followed(start: str, end: str, key: Key, values: Properties) -> Relationship:
    """Return one that traversals follow: with what the indexes order a node's relationships by.

    That is the rank of the other end, the least last.
    """
    orders = {"start_order": -rank_of(start), "end_order": -rank_of(end)}
    return Relationship(start, end, key, {**values, **orders})
