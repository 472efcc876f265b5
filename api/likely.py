"""What a text that is not in the graph is likely meant to do, as GraphQL shows it."""

from collections.abc import Sequence

import strawberry

from api.arguments import FirstOfThem
from api.context import Context, Info
from api.cursor import checked_first
from api.explaining import said_by
from api.intentions import Intention
from api.posts import Post
from kg import likely
from kg.analysis import words_in_common
from kg.store import Near
from schema.graph import Filter
from schema.relations import Relation


@strawberry.type(description="A post that is near to a text.")
class NearPost:
    """A post, and why it has a say."""

    node: Post = strawberry.field(description="The post.")
    similarity: float = strawberry.field(description="Cosine of the post and the text, -1 to 1.")
    asked: strawberry.Private[str]
    says: strawberry.Private[str]

    @strawberry.field(
        description="Words of the text that the post has, in any form, as the text writes them. "
        "At most 64."
    )
    def words(self) -> list[str]:
        return words_in_common(self.asked, self.says)


@strawberry.type(description="An intention that near posts have.")
class LikelyIntention:
    """An intention, and what speaks for it."""

    intention: Intention = strawberry.field(description="The intention.")
    vote: float = strawberry.field(
        description="Sum of the similarities of the near posts that have it."
    )
    asked: strawberry.Private[str]
    voters: strawberry.Private[Sequence[Near]]

    @strawberry.field(description="The near posts that have it, the nearest first. At most 100.")
    async def posts(self, info: Info, first: FirstOfThem = 10) -> list[NearPost]:
        return await _shown(info.context, self.asked, self.voters[: checked_first(first)])


@strawberry.type(description="The intentions of one relation that near posts have.")
class LikelyOfRelation:
    """One relation's part of the answer."""

    relation: Relation = strawberry.field(description="The relation.")
    asked: strawberry.Private[str]
    ranked: strawberry.Private[Sequence[likely.LikelyIntention]]

    @strawberry.field(description="How many different intentions near posts have.")
    def intention_count(self) -> int:
        return len(self.ranked)

    @strawberry.field(description="They, by falling vote, ties by key. At most 100.")
    def intentions(self, first: FirstOfThem = 10) -> list[LikelyIntention]:
        return [
            LikelyIntention(
                intention=Intention.of(one.intention),
                vote=one.vote,
                asked=self.asked,
                voters=one.posts,
            )
            for one in self.ranked[: checked_first(first)]
        ]


@strawberry.type(description="What the posts nearest to a text say of it.")
class LikelyIntentions:
    """An answer with its evidence."""

    asked: strawberry.Private[str]
    found: strawberry.Private[likely.Likely]

    @strawberry.field(description="The nearest posts, the nearest first. At most 100.")
    async def posts(self, info: Info, first: FirstOfThem = 10) -> list[NearPost]:
        return await _shown(info.context, self.asked, self.found.posts[: checked_first(first)])

    @strawberry.field(description="What they say, by relation in MIKO's order. At most 10.")
    def relations(self) -> list[LikelyOfRelation]:
        return [
            LikelyOfRelation(relation=relation, asked=self.asked, ranked=ranked)
            for relation, ranked in self.found.intentions.items()
        ]


async def likely_intentions(
    context: Context, text: str, *, nearest: int, where: Filter
) -> LikelyIntentions:
    """Ask the posts that are nearest to a text."""
    source = context.source
    found = await likely.likely_intentions(
        source.store, source.embedder, text, nearest=nearest, where=where
    )
    return LikelyIntentions(asked=text, found=found)


async def _shown(context: Context, asked: str, near: Sequence[Near]) -> list[NearPost]:
    found = await context.loaders.posts.load_many([post.id for post in near])
    return [
        NearPost(
            node=Post.of(post),
            similarity=one.similarity,
            asked=asked,
            says=said_by(post),
        )
        for one, post in zip(near, found, strict=True)
        if post is not None
    ]
