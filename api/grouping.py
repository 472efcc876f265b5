"""Groups of similar intentions."""

from dataclasses import dataclass
from typing import Annotated

import strawberry

from api.context import Context, Info
from api.cursor import checked_first
from api.intentions import Intention
from api.posts import Post
from kg import groups
from schema.graph import Filter


@dataclass(frozen=True, slots=True)
class Grouping:
    """How to group."""

    similarity: float
    first: int


@strawberry.type(description="Intentions that mean much the same.")
class IntentionGroup:
    """A group, named by its medoid."""

    size: int = strawberry.field(description="How many of the compared intentions are in it.")
    share: float = strawberry.field(description="The same, of all that were compared, 0 to 1.")
    cohesion: float = strawberry.field(description="Mean cosine of its members to the medoid.")
    member_ids: strawberry.Private[tuple[str, ...]]
    where: strawberry.Private[Filter]

    @strawberry.field(description="The member most similar to all others: the group's name.")
    async def medoid(self, info: Info) -> Intention:
        (found,) = await _intentions(info, self.member_ids[:1])
        return found

    @strawberry.field(
        description="Its members, by falling similarity to the medoid, which is the first. At most "
        "100."
    )
    async def intentions(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="Most members, 1 to 100.")] = 10,
    ) -> list[Intention]:
        return await _intentions(info, self.member_ids[: checked_first(first)])

    @strawberry.field(
        description="Posts that have a member and pass `where`, those of the members nearest to "
        "the medoid first, each once. At most 100."
    )
    async def posts(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="Most posts, 1 to 100.")] = 10,
    ) -> list[Post]:
        held = await info.context.source.store.posts_of(
            self.member_ids, limit=checked_first(first), where=self.where
        )
        ids = list(dict.fromkeys(post_id for some in held for post_id in some))[:first]
        found = await info.context.loaders.posts.load_many(ids)
        return [Post.of(post) for post in found if post is not None]


@strawberry.type(description="The largest groups of similar intentions.")
class IntentionGroups:
    """Groups, and of how many intentions they were made."""

    total: int = strawberry.field(description="How many intentions pass. Exact.")
    compared: int = strawberry.field(
        description="How many of them were compared: all, up to 8,192, else as many drawn by "
        "chance, the same each time. Those without an embedding are left out."
    )
    groups: list[IntentionGroup] = strawberry.field(description="By falling size. At most `first`.")


async def intention_groups(context: Context, where: Filter, grouping: Grouping) -> IntentionGroups:
    """Return the groups of what passes."""
    found = await groups.groups(
        context.source.store,
        where,
        similarity=grouping.similarity,
        first=checked_first(grouping.first),
    )
    return IntentionGroups(
        total=found.total,
        compared=found.sampled,
        groups=[
            IntentionGroup(
                size=one.size,
                share=one.size / found.sampled,
                cohesion=one.cohesion,
                member_ids=one.member_ids,
                where=where,
            )
            for one in found.groups
        ],
    )


async def _intentions(info: Info, ids: tuple[str, ...]) -> list[Intention]:
    found = await info.context.loaders.intentions.load_many(list(ids))
    return [Intention.of(intention) for intention in found if intention is not None]
