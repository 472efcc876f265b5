"""Intentions: what they say, who has them and what they are about."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.concepts import Topic
from api.context import Info
from api.cursor import checked_first
from api.filters import Where, filter_of
from api.loaders import PostsAsked
from api.node import Node
from schema import nodes
from schema.relations import Relation

if TYPE_CHECKING:
    from api.posts import Post


@strawberry.type(description="Why a post was made, or what it does: posts that say it share it.")
class Intention(Node):
    """An intention; its key is a hash of the relation and the normalised text."""

    relation: Relation = strawberry.field(description="Which of the ten relations it is.")
    text: str = strawberry.field(description="The tail, normalised: 'find a home for the dog'.")

    @strawberry.field(description="The whole sentence: the relation's frame and the tail.")
    def sentence(self) -> str:
        return self.relation.about.sentence(self.text)

    @strawberry.field(description="Posts that have it, by rising key. At most 100.")
    async def posts(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="Most posts, 1 to 100.")] = 10,
        where: Annotated[
            Where | None, strawberry.argument(description="Only posts that pass.")
        ] = None,
    ) -> list[Annotated["Post", strawberry.lazy("api.posts")]]:
        from api.posts import Post

        asked = PostsAsked(self.key, checked_first(first), filter_of(where))
        loaders = info.context.loaders
        found = await loaders.posts.load_many(await loaders.posts_of.load(asked))
        return [Post.of(post) for post in found if post is not None]

    @strawberry.field(description="What it is about, the surest first. At most 100.")
    async def about(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="Most concepts, 1 to 100.")] = 10,
    ) -> list[Topic]:
        checked_first(first)
        linked = await info.context.loaders.about_of.load(self.key)
        return [Topic.of(one) for one in linked[:first]]

    @staticmethod
    def of(intention: nodes.Intention) -> "Intention":
        """Return an intention as GraphQL shows it."""
        return Intention(
            key=strawberry.ID(intention.id),
            relation=intention.relation,
            text=intention.text,
        )
