"""Posts, with what was distilled from them."""

from typing import Annotated

import strawberry

from api.concepts import Mention
from api.context import Info
from api.cursor import LIST_LIMIT, checked_first
from api.intentions import Intention
from api.node import Node
from api.runs import Run, run_of
from kg.store import HeldIntention
from schema import nodes
from schema.relations import Relation
from schema.search import Order


@strawberry.type(description="An image of a post.")
class Image:
    """Where an image is."""

    uri: str = strawberry.field(description="A path or an address.")
    sha256: str | None = strawberry.field(
        description="SHA-256 of its bytes, in hex; null where they were not seen."
    )


@strawberry.type(description="A gold label of a post's source.")
class Label:
    """A label's name and value."""

    name: str = strawberry.field(description="Name of the label: 'sarcastic'.")
    value: str = strawberry.field(description="Its value: '1'.")


@strawberry.type(description="What one annotator chose for a post's intention.")
class Judgement:
    """A human judgement."""

    annotator: str = strawberry.field(description="Who judged.")
    choice: str = strawberry.field(description="What was chosen.")
    time: str = strawberry.field(description="ISO 8601; empty where unknown.")


@strawberry.type(description="An intention as a post has it; one for each run that said it.")
class PostIntention:
    """One HAS_INTENTION relationship of a post."""

    intention: Intention = strawberry.field(description="The intention.")
    raw: str = strawberry.field(description="The text as it was generated.")
    plausibility: float | None = strawberry.field(description="0 to 1, where something judged it.")
    judgements: list[Judgement] = strawberry.field(
        description="What annotators chose. At most 100."
    )
    run_id: strawberry.Private[str]
    estimator_id: strawberry.Private[str]

    @strawberry.field(description="What said it; null where no model did.")
    async def run(self, info: Info) -> Run | None:
        return await run_of(info, self.run_id)

    @strawberry.field(
        description="What estimated its plausibility; null where it came with the text."
    )
    async def estimated_by(self, info: Info) -> Run | None:
        return await run_of(info, self.estimator_id)

    @staticmethod
    def of(held: HeldIntention) -> "PostIntention":
        """Return a relationship as GraphQL shows it."""
        return PostIntention(
            intention=Intention.of(held.intention),
            raw=held.has.raw,
            plausibility=held.has.plausibility,
            judgements=[
                Judgement(annotator=j.annotator, choice=j.choice, time=j.time)
                for j in held.judgements[:LIST_LIMIT]
            ],
            run_id=held.has.run_id,
            estimator_id=held.has.estimator_id,
        )


@strawberry.type(description="A social-media post.")
class Post(Node):
    """A post; its key is its source's id behind the source's name."""

    text: str = strawberry.field(
        description="As it was posted; empty only where there is an image."
    )
    source: str = strawberry.field(description="Where it comes from: the key up to its colon.")
    hashtags: list[str] = strawberry.field(
        description="Case-folded, without '#', sorted. At most 100."
    )
    images: list[Image] = strawberry.field(description="Its images. At most 100.")
    image_description: str = strawberry.field(
        description="What a model saw in the images; empty where none was asked."
    )
    labels: list[Label] = strawberry.field(
        description="Gold labels of its source, by name. At most 100."
    )

    @strawberry.field(
        description="Its intentions, by relation in MIKO's order, then key, unless by plausibility."
        " At most 100."
    )
    async def intentions(
        self,
        info: Info,
        relations: Annotated[
            list[Relation] | None, strawberry.argument(description="Only these; null for all.")
        ] = None,
        order: Annotated[
            Order, strawberry.argument(description="PLAUSIBILITY puts the most plausible first.")
        ] = Order.FIT,
        first: Annotated[int, strawberry.argument(description="Most intentions, 1 to 100.")] = 10,
    ) -> list[PostIntention]:
        checked_first(first)
        held = await info.context.loaders.intentions_of.load(self.key)
        if relations is not None:
            held = [one for one in held if one.intention.relation in relations]
        if order is Order.PLAUSIBILITY:
            held = sorted(held, key=_plausibility, reverse=True)
        return [PostIntention.of(one) for one in held[:first]]

    @strawberry.field(description="How many intentions it has, of any relation.")
    async def intention_count(self, info: Info) -> int:
        return len(await info.context.loaders.intentions_of.load(self.key))

    @strawberry.field(description="What it mentions, by aspect, then key. At most 100.")
    async def concepts(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="Most mentions, 1 to 100.")] = 10,
    ) -> list[Mention]:
        checked_first(first)
        mentioned = await info.context.loaders.mentions_of.load(self.key)
        return [Mention.of(one) for one in mentioned[:first]]

    @strawberry.field(description="How many mentions of concepts it has.")
    async def concept_count(self, info: Info) -> int:
        return len(await info.context.loaders.mentions_of.load(self.key))

    @staticmethod
    def of(post: nodes.Post) -> "Post":
        """Return a post as GraphQL shows it."""
        return Post(
            key=strawberry.ID(post.id),
            text=post.text,
            source=post.source,
            hashtags=list(post.hashtags[:LIST_LIMIT]),
            images=[Image(uri=i.uri, sha256=i.sha256) for i in post.images[:LIST_LIMIT]],
            image_description=post.image_description,
            labels=[Label(name=n, value=v) for n, v in sorted(post.labels.items())[:LIST_LIMIT]],
        )


def _plausibility(held: HeldIntention) -> float:
    return -1.0 if held.has.plausibility is None else held.has.plausibility
