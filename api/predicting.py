"""What ATOMIC would predict for a post, as GraphQL shows it."""

from typing import Annotated

import strawberry

from api.arguments import FirstOfThem
from api.concepts import Concept
from api.context import Context, Info
from api.cursor import checked_first
from api.examples import Example
from api.ids import key_of
from api.intentions import Intention
from api.traversing import ASSERTION_LIMIT, Assertion, texts_of
from kg import prediction, wording
from kg.hops import Step
from schema.errors import UnknownIdError
from schema.graph import Related, RelationshipType
from schema.relations import Relation

RelationsOnly = Annotated[
    list[Relation] | None, strawberry.argument(description="Only these; null for all.")
]


@strawberry.type(description="An event of ATOMIC that is near to a post.")
class NearEvent:
    """An event, and how near it is."""

    similarity: float = strawberry.field(description="Cosine to the post, -1 to 1.")
    key: strawberry.Private[str]

    @strawberry.field(description="The event.")
    async def event(self, info: Info) -> Concept:
        return await _concept(info.context, self.key)


@strawberry.type(description="An event of which ATOMIC says what was predicted.")
class PredictionEvidence(NearEvent):
    """An event, and who says what it leads to."""

    assertions: list[Assertion] = strawberry.field(
        description="Who says that it leads to the tail, by source. At most 10."
    )
    step: strawberry.Private[Step]
    said: strawberry.Private[tuple[Related, ...]]

    @strawberry.field(description="That it leads to the tail in words, with who says so.")
    async def reason(self, info: Info) -> str:
        texts = await texts_of(info.context, (self.step.start_id, self.step.end_id))
        return wording.reason(self.step, texts, self.said)

    @staticmethod
    def of(found: prediction.Evidence) -> "PredictionEvidence":
        """Return evidence as GraphQL shows it."""
        said = found.assertions[:ASSERTION_LIMIT]
        return PredictionEvidence(
            similarity=found.head.similarity,
            key=found.head.id,
            assertions=[Assertion.of(one) for one in said],
            step=_step(said[0]),
            said=said,
        )


@strawberry.type(description="An intention of the post that is like a predicted one.")
class NearIntention:
    """An intention, and how near it is."""

    similarity: float = strawberry.field(description="Cosine to the tail, -1 to 1.")
    key: strawberry.Private[str]

    @strawberry.field(description="The intention.")
    async def intention(self, info: Info) -> Intention:
        return await _intention(info.context, self.key)


@strawberry.type(description="A tail that was predicted, like an intention of the post.")
class NearTail:
    """A tail, and how near it is."""

    similarity: float = strawberry.field(description="Cosine to the intention, -1 to 1.")
    key: strawberry.Private[str]

    @strawberry.field(description="The tail.")
    async def tail(self, info: Info) -> Concept:
        return await _concept(info.context, self.key)


@strawberry.type(description="An intention that ATOMIC predicts.")
class Prediction:
    """A relation and a tail, and the events that lead to it."""

    relation: Relation = strawberry.field(description="Which of ATOMIC's nine relations it is.")
    is_there: bool = strawberry.field(
        description="Whether an intention of the post is as near to it as was asked."
    )
    similarity: float = strawberry.field(
        description="Cosine of the post and the nearest event that leads to it, -1 to 1."
    )
    event_count: int = strawberry.field(description="How many of the events lead to it.")
    nearest: NearIntention | None = strawberry.field(
        description="The post's intention of this relation that is nearest to it; null where the "
        "post has none."
    )
    found: strawberry.Private[prediction.Prediction]

    @strawberry.field(description="What the events lead to.")
    async def tail(self, info: Info) -> Concept:
        return await _concept(info.context, self.found.tail_id)

    @strawberry.field(description="The whole sentence: the relation's frame and the tail.")
    async def sentence(self, info: Info) -> str:
        tail = await _concept(info.context, self.found.tail_id)
        return self.relation.about.sentence(tail.text)

    @strawberry.field(description="The events that lead to it, the nearest first. At most 50.")
    def evidence(
        self,
        first: Annotated[int, strawberry.argument(description="Most events, 1 to 50.")] = 10,
    ) -> list[PredictionEvidence]:
        checked_first(first, prediction.HEAD_LIMIT)
        return [PredictionEvidence.of(one) for one in self.found.evidence[:first]]


@strawberry.type(description="An intention of the post that no prediction comes near.")
class Unforeseen:
    """An intention, and what was nearest to it all the same."""

    nearest: NearTail | None = strawberry.field(
        description="The nearest tail that was predicted for its relation; null where none was."
    )
    key: strawberry.Private[str]

    @strawberry.field(description="The intention.")
    async def intention(self, info: Info) -> Intention:
        return await _intention(info.context, self.key)


@strawberry.type(
    description="What ATOMIC would predict for a post, beside the intentions that the post has."
)
class CommonsensePrediction:
    """Predictions, what of them the graph lacks, and the reverse."""

    predicted_count: int = strawberry.field(description="How many intentions are predicted.")
    lacking_count: int = strawberry.field(description="How many of them the post lacks.")
    unforeseen_count: int = strawberry.field(
        description="How many intentions of the post no prediction comes near."
    )
    compared: strawberry.Private[prediction.Comparison]

    @strawberry.field(description="The events it is drawn from, the nearest first. At most 50.")
    def events(
        self,
        first: Annotated[int, strawberry.argument(description="Most events, 1 to 50.")] = 10,
    ) -> list[NearEvent]:
        checked_first(first, prediction.HEAD_LIMIT)
        return [
            NearEvent(similarity=near.similarity, key=near.id)
            for near in self.compared.heads[:first]
        ]

    @strawberry.field(
        description="What is predicted: by falling similarity of the nearest event, then by more "
        "events, then in MIKO's order of relations, then by key. At most 100."
    )
    def predicted(
        self, relations: RelationsOnly = None, first: FirstOfThem = 10
    ) -> list[Prediction]:
        return self._shown(self.compared.predicted, relations, first)

    @strawberry.field(
        description="What of it no intention of the post says; the same order. At most 100."
    )
    def lacking(self, relations: RelationsOnly = None, first: FirstOfThem = 10) -> list[Prediction]:
        return self._shown(self.compared.lacking, relations, first)

    @strawberry.field(
        description="The reverse: intentions of the post that no prediction comes near, in MIKO's "
        "order of relations, then by key; without open, of which ATOMIC says nothing. At most 100."
    )
    def unforeseen(
        self, relations: RelationsOnly = None, first: FirstOfThem = 10
    ) -> list[Unforeseen]:
        checked_first(first)
        found = [
            one
            for one in self.compared.unforeseen
            if relations is None or one.relation in relations
        ]
        return [
            Unforeseen(
                key=one.intention_id,
                nearest=None
                if one.nearest is None
                else NearTail(similarity=one.nearest.similarity, key=one.nearest.id),
            )
            for one in found[:first]
        ]

    def _shown(
        self,
        predicted: tuple[prediction.Prediction, ...],
        relations: list[Relation] | None,
        first: int,
    ) -> list[Prediction]:
        checked_first(first)
        found = [one for one in predicted if relations is None or one.relation in relations]
        return [_prediction(one, self.compared) for one in found[:first]]


async def predicted(
    context: Context, of: Example, *, heads: int, similarity: float
) -> CommonsensePrediction:
    """Return what is predicted for a post, or for a text."""
    source = context.source
    if isinstance(of.text, str):
        compared = await prediction.predict_for_text(
            source.store, source.embedder, of.text, heads=heads, similarity=similarity
        )
    else:
        compared = await prediction.predict(
            source.store, key_of(str(of.id)), heads=heads, similarity=similarity
        )
    return CommonsensePrediction(
        predicted_count=len(compared.predicted),
        lacking_count=len(compared.lacking),
        unforeseen_count=len(compared.unforeseen),
        compared=compared,
    )


def _prediction(found: prediction.Prediction, compared: prediction.Comparison) -> Prediction:
    near = found.nearest
    return Prediction(
        relation=found.relation,
        is_there=compared.agrees(near),
        similarity=found.evidence[0].head.similarity,
        event_count=len(found.evidence),
        nearest=None if near is None else NearIntention(similarity=near.similarity, key=near.id),
        found=found,
    )


def _step(related: Related) -> Step:
    sure = 1 - 2**-related.weight
    head, tail = related.head_id, related.tail_id
    return Step(head, RelationshipType.RELATED, tail, True, related.relation, sure)


async def _concept(context: Context, key: str) -> Concept:
    found = await context.loaders.concepts.load(key)
    if found is None:  # dropped since
        raise UnknownIdError(key)
    return Concept.of(found)


async def _intention(context: Context, key: str) -> Intention:
    found = await context.loaders.intentions.load(key)
    if found is None:
        raise UnknownIdError(key)
    return Intention.of(found)
