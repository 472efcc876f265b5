"""The lines of an exported subgraph: one JSON object a line, which ``miko load`` reads back.

The first line is the manifest. Then come runs, concepts, intentions, posts and commonsense, each
by rising id, so that a line names only what stands above it or in it. The JSON Schema of the
lines is published in ``docs/subgraph.schema.json``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Annotated, Any, Final, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schema.errors import QueryError
from schema.graph import About, Aspect, Batch, HasIntention, Judgement, Mentions, Related
from schema.nodes import Concept, ConceptKind, Image, Intention, Post, Run
from schema.records import Name, Text, Words
from schema.relations import Relation
from schema.text import ID_LIMIT

T = TypeVar("T")

FORMAT: Final = "miko-subgraph/1"
PARTS_LIMIT: Final = 10_000
"""Most relationships of one kind in a line."""

PostId = Annotated[Text, Field(max_length=ID_LIMIT, pattern=r"^[^/:][^:]*:")]
IntentionId = Annotated[str, Field(pattern=r"^[a-z2-7]{16}$")]
ConceptId = Annotated[Text, Field(max_length=ID_LIMIT, pattern=r"^/c/[^/]+/.")]
RunId = Annotated[str, Field(pattern=r"^([a-z2-7]{16})?$", description="Empty where none made it.")]
LicenceName = Annotated[
    str | None, Field(max_length=200, description="As its source names it; null where unknown.")
]


class WrongIdError(ValueError):
    """The id of a line is not the hash of what it holds."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunLine(_Line):
    """What made a relationship."""

    type: Literal["Run"] = "Run"
    id: Annotated[str, Field(pattern=r"^[a-z2-7]{16}$", description="Hash of the rest.")]
    step: Name
    model: Name
    revision: Text = ""
    prompt_hash: Text = ""
    sampling: Text = ""
    engine: Text = ""
    time: Text = ""

    def batch(self) -> Batch:
        """Return the run.

        Raises:
            WrongIdError: The id is not the hash of the rest.
        """
        rest = self.model_dump(exclude={"type", "id", "step", "model"})
        run = Run.of(self.step, self.model, **rest)
        _require_same(self.id, run.id)
        return Batch(runs=(run,))


class ConceptLine(_Line):
    """A concept by ConceptNet's URI."""

    type: Literal["Concept"] = "Concept"
    id: ConceptId
    text: Text
    kind: ConceptKind

    def batch(self) -> Batch:
        """Return the concept; its text is that of its URI."""
        return Batch(concepts=(Concept.of(self.id, self.kind),))


class AboutPart(_Line):
    """A concept that an intention is about."""

    concept: ConceptId
    method: Name
    confidence: Annotated[float, Field(gt=0, le=1)]


class IntentionLine(_Line):
    """An intention, and what it is about."""

    type: Literal["Intention"] = "Intention"
    id: IntentionId
    relation: Relation
    text: Text
    about: Annotated[tuple[AboutPart, ...], Field(max_length=PARTS_LIMIT)] = ()

    def batch(self) -> Batch:
        """Return the intention with its links.

        Raises:
            WrongIdError: The id is not the hash of relation and text.
        """
        intention = Intention.of(self.relation, self.text)
        _require_same(self.id, intention.id)
        links = (About(self.id, a.concept, a.method, a.confidence) for a in self.about)
        return Batch(intentions=(intention,), about=tuple(links))


class ImagePart(_Line):
    """An image of a post."""

    uri: Words
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None


class HasIntentionPart(_Line):
    """An intention of a post, as a run said it."""

    intention: IntentionId
    raw: Text
    run: RunId = ""
    plausibility: Annotated[float | None, Field(ge=0, le=1)] = None
    estimator: Annotated[RunId, Field(description="The run that estimated the plausibility.")] = ""


class JudgementPart(_Line):
    """What one annotator chose for a post's intention."""

    intention: IntentionId
    annotator: Name
    choice: Name
    time: Text = ""


class MentionsPart(_Line):
    """A concept that a post mentions."""

    concept: ConceptId
    aspect: Aspect
    raw: Text
    run: RunId = ""


class PostLine(_Line):
    """A post, with its relationships to what stands above."""

    type: Literal["Post"] = "Post"
    id: PostId
    text: Text
    licence: LicenceName = None
    hashtags: Annotated[tuple[Text, ...], Field(max_length=PARTS_LIMIT)] = ()
    images: Annotated[tuple[ImagePart, ...], Field(max_length=PARTS_LIMIT)] = ()
    image_description: Text = ""
    labels: Annotated[dict[Text, Text], Field(max_length=PARTS_LIMIT)] = {}
    has_intention: Annotated[tuple[HasIntentionPart, ...], Field(max_length=PARTS_LIMIT)] = ()
    judgements: Annotated[tuple[JudgementPart, ...], Field(max_length=PARTS_LIMIT)] = ()
    mentions: Annotated[tuple[MentionsPart, ...], Field(max_length=PARTS_LIMIT)] = ()

    def batch(self) -> Batch:
        """Return the post with its relationships."""
        post = Post(
            self.id,
            self.text,
            self.id.partition(":")[0],
            tuple(sorted(set(self.hashtags))),
            tuple(Image(i.uri, i.sha256) for i in sorted(self.images, key=lambda i: i.uri)),
            self.image_description,
            self.labels,
        )
        return Batch(
            posts=(post,),
            has_intention=tuple(
                HasIntention(self.id, h.intention, h.raw, h.run, h.plausibility, h.estimator)
                for h in self.has_intention
            ),
            judgements=tuple(
                Judgement(self.id, j.intention, j.annotator, j.choice, j.time)
                for j in self.judgements
            ),
            mentions=tuple(
                Mentions(self.id, m.concept, m.aspect, m.raw, m.run) for m in self.mentions
            ),
        )


class RelatedLine(_Line):
    """A commonsense assertion of one source."""

    type: Literal["RELATED"] = "RELATED"
    head: ConceptId
    relation: Name
    tail: ConceptId
    source: Name
    licence: LicenceName = None
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0

    def batch(self) -> Batch:
        """Return the assertion."""
        ends = self.head, self.relation, self.tail
        return Batch(related=(Related(*ends, self.source, self.weight, self.licence or ""),))


Line = RunLine | ConceptLine | IntentionLine | PostLine | RelatedLine
LINES: Final[Mapping[str, type[Line]]] = {
    "Run": RunLine,
    "Concept": ConceptLine,
    "Intention": IntentionLine,
    "Post": PostLine,
    "RELATED": RelatedLine,
}
"""By type, in their order in a file."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a line that is not the manifest."""
    return TypeAdapter[Line](Annotated[Line, Field(discriminator="type")]).json_schema()


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


def _require_same(given: str, meant: str) -> None:
    if given != meant:
        raise WrongIdError("the id is not the hash of the content")


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
