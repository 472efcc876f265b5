"""The lines of an exported subgraph: one JSON object a line, which ``miko load`` reads back.

The first line is the manifest. Then come runs, concepts, intentions, posts and commonsense, each
by rising id, so that a line names only what stands above it or in it. The JSON Schema of the
lines is published in ``docs/subgraph.schema.json``.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schema.graph import About, Aspect, Batch, HasIntention, Judgement, Mentions, Related
from schema.nodes import Concept, ConceptKind, Image, Intention, Post, Run
from schema.records import Name, Text, Words
from schema.relations import Relation
from schema.text import ID_LIMIT

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


def _require_same(given: str, meant: str) -> None:
    if given != meant:
        raise WrongIdError("the id is not the hash of the content")
