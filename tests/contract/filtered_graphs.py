"""Random small graphs with runs and judgements, random filters, and what a filter means.

The meaning is that of ``schema.graph.Filter``, in plain Python.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from contract.random_graphs import (
    CONCEPTS,
    INTENTIONS,
    POSTS,
    about,
    concept_ids,
    intention_ids,
    mentions,
    post_ids,
    related,
)
from hypothesis import strategies as st

from schema.graph import NO_RUN, Aspect, Batch, Filter, HasIntention, Judgement
from schema.nodes import Run
from schema.relations import Relation

RUNS = [Run.of("infer", model, prompt_hash=prompt) for model in "mn" for prompt in ("7", "8")]
BY_ID = {run.id: run for run in RUNS}
TAGGED = (
    replace(POSTS[0], labels={"split": "a", "odd=": "%"}, hashtags=("one", "two")),
    replace(POSTS[1], labels={"split": "b"}, hashtags=("two",)),
    *POSTS[2:],
)
ANNOTATORS, CHOICES = ["ann", "bob"], ["accepted", "rejected"]
PLAUSIBILITIES = [0.25, 0.75]

has_intention = st.builds(
    HasIntention,
    post_ids,
    intention_ids,
    st.just("raw"),
    st.sampled_from([NO_RUN, *BY_ID]),
    st.sampled_from([None, *PLAUSIBILITIES]),
)
judgements = st.builds(
    Judgement, post_ids, intention_ids, st.sampled_from(ANNOTATORS), st.sampled_from(CHOICES)
)
graphs = st.builds(
    Batch,
    posts=st.just(TAGGED),
    intentions=st.just(tuple(INTENTIONS)),
    concepts=st.just(tuple(CONCEPTS)),
    runs=st.just(tuple(RUNS)),
    has_intention=st.lists(
        has_intention, max_size=6, unique_by=lambda h: (h.post_id, h.intention_id, h.run_id)
    ).map(tuple),
    judgements=st.lists(
        judgements, max_size=4, unique_by=lambda j: (j.post_id, j.intention_id, j.annotator)
    ).map(tuple),
    mentions=st.lists(mentions, max_size=4).map(tuple),
    related=st.lists(
        related, max_size=4, unique_by=lambda r: (r.head_id, r.relation, r.tail_id)
    ).map(tuple),
    about=st.lists(about, max_size=4, unique_by=lambda a: (a.intention_id, a.concept_id)).map(
        tuple
    ),
)
conditions = st.one_of(
    st.sampled_from([Relation.X_WANT, Relation.OPEN]).map(lambda r: Filter(relations=(r,))),
    st.sampled_from(["s", "elsewhere"]).map(lambda s: Filter(sources=(s,))),
    st.sampled_from([("split", "a"), ("split", "b"), ("odd=", "%")]).map(
        lambda label: Filter(labels=(label,))
    ),
    st.sampled_from(["one", "two"]).map(lambda tag: Filter(hashtags=(tag,))),
    concept_ids.map(lambda c: Filter(concepts=(c,))),
    concept_ids.map(lambda c: Filter(emotions=(c,))),
    concept_ids.map(lambda c: Filter(mentions=((Aspect.OBJECT, c),))),
    concept_ids.map(lambda c: Filter(about=(c,))),
    concept_ids.map(lambda c: Filter(kinds_of=(c,))),
    st.sampled_from(ANNOTATORS).map(lambda a: Filter(annotators=(a,))),
    st.sampled_from(CHOICES).map(lambda c: Filter(choices=(c,))),
    st.just(Filter(annotators=("ann",), choices=("accepted",))),
    st.sampled_from(list(BY_ID)).map(lambda r: Filter(runs=(r,))),
    st.sampled_from("mn").map(lambda m: Filter(models=(m,))),
    st.sampled_from("78").map(lambda p: Filter(prompts=(p,), models=("m",))),
    st.sampled_from(PLAUSIBILITIES).map(lambda p: Filter(plausibility=p)),
    st.lists(post_ids, min_size=1, max_size=2, unique=True).map(lambda p: Filter(posts=tuple(p))),
    st.lists(intention_ids, min_size=1, max_size=2, unique=True).map(
        lambda i: Filter(intentions=tuple(i))
    ),
)
filters = st.recursive(
    conditions,
    lambda inner: st.builds(
        Filter,
        relations=st.sampled_from([(), (Relation.OPEN,)]),
        all_of=st.lists(inner, max_size=2).map(tuple),
        any_of=st.lists(inner, max_size=2).map(tuple),
        none_of=st.lists(inner, min_size=1, max_size=2).map(tuple),
    ),
    max_leaves=4,
)


class Pair(NamedTuple):
    """A post and an intention of it as it has it, or one of them that is alone."""

    post: str | None
    intention: str | None
    has: HasIntention | None


def pairs(batch: Batch) -> Iterator[Pair]:
    posts = {has.post_id for has in batch.has_intention}
    intentions = {has.intention_id for has in batch.has_intention}
    yield from (Pair(has.post_id, has.intention_id, has) for has in batch.has_intention)
    yield from (Pair(p.id, None, None) for p in batch.posts if p.id not in posts)
    yield from (Pair(None, i.id, None) for i in batch.intentions if i.id not in intentions)


def is_in(batch: Batch, where: Filter, pair: Pair) -> bool:
    """Say whether all that a filter asks holds of a pair."""
    return (
        own_holds(batch, where, pair)
        and all(is_in(batch, part, pair) for part in where.all_of)
        and (not where.any_of or any(is_in(batch, part, pair) for part in where.any_of))
        and not any(is_in(batch, part, pair) for part in where.none_of)
    )


def own_holds(batch: Batch, where: Filter, pair: Pair) -> bool:
    relation = {i.id: i.relation for i in batch.intentions}.get(pair.intention or "")
    source = {p.id: p.source for p in batch.posts}.get(pair.post or "")
    post = {p.id: p for p in batch.posts}.get(pair.post or "")
    own = [m for m in batch.mentions if m.post_id == pair.post]
    mentioned = {(m.aspect, m.concept_id) for m in own}
    spoken_of = {a.concept_id for a in batch.about if a.intention_id == pair.intention}
    touched = spoken_of | {uri for _, uri in mentioned}
    return (
        (not where.relations or relation in where.relations)
        and (not where.sources or source in where.sources)
        and (not where.posts or pair.post in where.posts)
        and (not where.intentions or pair.intention in where.intentions)
        and all(post and post.labels.get(name) == value for name, value in where.labels)
        and all(post and tag in post.hashtags for tag in where.hashtags)
        and {(Aspect.EMOTION, uri) for uri in where.emotions} <= mentioned
        and set(where.mentions) <= mentioned
        and set(where.about) <= spoken_of
        and set(where.concepts) <= touched
        and set(where.kinds_of) <= _broader(batch, touched)
        and (not where.asks_judgement or _judged(batch, where, pair))
        and (not where.asks_run or (pair.has is not None and _said(where, pair.has)))
    )


def _broader(batch: Batch, concepts: set[str]) -> set[str]:
    """Return concepts, and what three IsA lead to from them."""
    found = set(concepts)
    for _ in range(3):
        found |= {r.tail_id for r in batch.related if r.relation == "IsA" and r.head_id in found}
    return found


def _judged(batch: Batch, where: Filter, pair: Pair) -> bool:
    return any(
        (j.post_id, j.intention_id) == pair[:2]
        and (not where.annotators or j.annotator in where.annotators)
        and (not where.choices or j.choice in where.choices)
        for j in batch.judgements
        if pair.has
    )


def _said(where: Filter, has: HasIntention) -> bool:
    run = BY_ID.get(has.run_id)
    least = where.plausibility
    return (
        (not where.runs or has.run_id in where.runs)
        and (not where.models or (run is not None and run.model in where.models))
        and (not where.prompts or (run is not None and run.prompt_hash in where.prompts))
        and (least is None or (has.plausibility is not None and has.plausibility >= least))
    )
