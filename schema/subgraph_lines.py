"""From a batch to the lines of a subgraph (schema.subgraph): each node with what it has."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from schema.errors import QueryError
from schema.graph import Batch, HasIntention, Judgement, Mentions, Related
from schema.nodes import Run
from schema.subgraph import (
    PARTS_LIMIT,
    AboutPart,
    ConceptLine,
    HasIntentionPart,
    ImagePart,
    IntentionLine,
    JudgementPart,
    Line,
    MentionsPart,
    PostLine,
    RelatedLine,
    RunLine,
)

T = TypeVar("T")


def lines_of(batch: Batch) -> list[Line]:
    """Return the lines of a batch: what an intention or a post has stands in its line.

    Of relationships whose post or intention the batch does not hold there is no line. Nothing is
    checked: what the graph holds can be written, whatever it is (``require_loadable``).
    """
    return [
        *(_run(run) for run in sorted(batch.runs, key=lambda run: run.id)),
        *(
            ConceptLine.model_construct(id=c.id, text=c.text, kind=c.kind)
            for c in sorted(batch.concepts, key=lambda concept: concept.id)
        ),
        *_intentions(batch),
        *_posts(batch),
        *(_related(one) for one in sorted(batch.related, key=_place)),
    ]


def require_loadable(lines: Iterable[Line]) -> None:
    """Refuse lines that a load would reject for their length.

    Raises:
        QueryError: An intention or a post has more than PARTS_LIMIT of something.
    """
    for line in lines:
        if isinstance(line, PostLine | IntentionLine):
            for name, value in line:
                if isinstance(value, Sized) and not isinstance(value, str):
                    _require_few(line.id, name, len(value))


def as_bytes(value: BaseModel | Mapping[str, Any]) -> bytes:
    """Return a line, its end included: the same content gives the same bytes."""
    shown = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return orjson.dumps(shown, option=orjson.OPT_APPEND_NEWLINE)


def _require_few(node_id: str, name: str, parts: int) -> None:
    if parts > PARTS_LIMIT:
        raise QueryError(
            f"{node_id} has {parts} {name}, and a line of a subgraph holds {PARTS_LIMIT} at most: "
            "ask without this node"
        )


def _run(run: Run) -> RunLine:
    return RunLine.model_construct(**{name: getattr(run, name) for name in Run.__slots__})


def _intentions(batch: Batch) -> Iterator[Line]:
    about = _grouped(batch.about, lambda one: one.intention_id)
    for one in sorted(batch.intentions, key=lambda intention: intention.id):
        links = sorted(about[one.id], key=lambda link: (link.concept_id, link.method))
        yield IntentionLine.model_construct(
            id=one.id,
            relation=one.relation,
            text=one.text,
            about=tuple(
                AboutPart.model_construct(
                    concept=a.concept_id, method=a.method, confidence=a.confidence
                )
                for a in links
            ),
        )


def _posts(batch: Batch) -> Iterator[Line]:
    has = _grouped(batch.has_intention, lambda one: one.post_id)
    judged = _grouped(batch.judgements, lambda one: one.post_id)
    mentions = _grouped(batch.mentions, lambda one: one.post_id)
    for one in sorted(batch.posts, key=lambda post: post.id):
        yield PostLine.model_construct(
            id=one.id,
            text=one.text,
            hashtags=tuple(sorted(one.hashtags)),
            images=tuple(ImagePart.model_construct(uri=i.uri, sha256=i.sha256) for i in one.images),
            image_description=one.image_description,
            labels=dict(sorted(one.labels.items())),
            has_intention=tuple(map(_has_intention, sorted(has[one.id], key=_said))),
            judgements=tuple(map(_judgement, sorted(judged[one.id], key=_chosen))),
            mentions=tuple(map(_mentions, sorted(mentions[one.id], key=_mentioned))),
        )


def _has_intention(one: HasIntention) -> HasIntentionPart:
    return HasIntentionPart.model_construct(
        intention=one.intention_id,
        raw=one.raw,
        run=one.run_id,
        plausibility=one.plausibility,
        estimator=one.estimator_id,
    )


def _judgement(one: Judgement) -> JudgementPart:
    return JudgementPart.model_construct(
        intention=one.intention_id, annotator=one.annotator, choice=one.choice, time=one.time
    )


def _mentions(one: Mentions) -> MentionsPart:
    return MentionsPart.model_construct(
        concept=one.concept_id, aspect=one.aspect, raw=one.raw, run=one.run_id
    )


def _related(one: Related) -> RelatedLine:
    return RelatedLine.model_construct(
        head=one.head_id,
        relation=one.relation,
        tail=one.tail_id,
        source=one.source,
        licence=one.licence or None,
        weight=one.weight,
    )


def _said(one: HasIntention) -> tuple[str, str]:
    return one.intention_id, one.run_id


def _chosen(one: Judgement) -> tuple[str, str, str]:
    return one.intention_id, one.annotator, one.time


def _mentioned(one: Mentions) -> tuple[str, str, str, str]:
    return one.concept_id, one.aspect, one.raw, one.run_id


def _place(one: Related) -> tuple[str, str, str, str]:
    return one.head_id, one.relation, one.tail_id, one.source


def _grouped(some: Iterable[T], key: Callable[[T], str]) -> Mapping[str, list[T]]:
    groups: defaultdict[str, list[T]] = defaultdict(list)
    for one in some:
        groups[key(one)].append(one)
    return groups
