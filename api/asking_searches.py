"""Ranked answers: by words, by meaning, by example, by intention."""

from typing import Annotated

import strawberry

from api import (
    searching,
)
from api.arguments import (
    After,
    Conditions,
    Diversity,
    First,
    Id,
    MeaningWeight,
    OnePerPost,
    Ranking,
    ShownBy,
    Text,
    described,
)
from api.concepts import Concept
from api.context import Info
from api.examples import Like, Unlike, UnlikeWeight, direction_of, found_by_example
from api.filters import filter_of
from api.intentions import Intention
from api.likely import LikelyIntentions, likely_intentions
from api.pages import Connection, EvidenceConnection, Paging
from api.posts import Post
from api.relations import relations_asked
from kg.by_example import UNLIKE_WEIGHT
from kg.diversity import Spread
from kg.fusion import Scheme
from schema.relations import Relation, Side
from schema.search import Mode, Order


@strawberry.type(description="Ranked answers: by words, by meaning, by example, by intention.")
class SearchFields:
    """Fields of the query; each is null where it fails, beside an error that says why."""

    @strawberry.field(description="Intentions ranked by a text, best first.")
    async def search_intentions(
        self,
        info: Info,
        text: Text,
        mode: Ranking = Mode.HYBRID,
        meaning_weight: MeaningWeight = 0.5,
        diversity: Diversity = 0.0,
        one_per_post: OnePerPost = False,
        order: ShownBy = Order.FIT,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Intention] | None:
        return await searching.searched(
            info.context,
            searching.intentions(info.context, filter_of(where)),
            text,
            scheme=Scheme(mode, meaning_weight, Spread(diversity, one_per_post), order),
            paging=Paging(first, after),
        )

    @strawberry.field(description="Posts ranked by a text, best first.")
    async def search_posts(
        self,
        info: Info,
        text: Text,
        mode: Ranking = Mode.HYBRID,
        meaning_weight: MeaningWeight = 0.5,
        diversity: Diversity = 0.0,
        order: ShownBy = Order.FIT,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Post] | None:
        return await searching.searched(
            info.context,
            searching.posts(info.context, filter_of(where)),
            text,
            scheme=Scheme(mode, meaning_weight, Spread(diversity), order),
            paging=Paging(first, after),
        )

    @strawberry.field(description="Concepts ranked by a text, best first.")
    async def search_concepts(
        self,
        info: Info,
        text: Text,
        mode: Ranking = Mode.HYBRID,
        meaning_weight: MeaningWeight = 0.5,
        diversity: Diversity = 0.0,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Concept] | None:
        return await searching.searched(
            info.context,
            searching.concepts(info.context, filter_of(where)),
            text,
            scheme=Scheme(mode, meaning_weight, Spread(diversity)),
            paging=Paging(first, after),
        )

    @strawberry.field(description="Intentions similar to one, the most similar first.")
    async def similar_intentions(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Intention] | None:
        return await searching.similar_to(
            info.context,
            searching.intentions(info.context, filter_of(where)),
            id,
            paging=Paging(first, after),
        )

    @strawberry.field(description="Posts similar to one, the most similar first.")
    async def similar_posts(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Post] | None:
        return await searching.similar_to(
            info.context,
            searching.posts(info.context, filter_of(where)),
            id,
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Intentions like some examples and unlike others, the most similar first; no "
        "example is among them."
    )
    async def intentions_by_example(
        self,
        info: Info,
        like: Like,
        unlike: Unlike = None,
        unlike_weight: UnlikeWeight = UNLIKE_WEIGHT,
        diversity: Diversity = 0.0,
        one_per_post: OnePerPost = False,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Intention] | None:
        return await found_by_example(
            info.context,
            searching.intentions(info.context, filter_of(where)),
            direction_of(like, unlike, unlike_weight),
            spread=Spread(diversity, one_per_post),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Posts like some examples and unlike others, the most similar first; no "
        "example is among them."
    )
    async def posts_by_example(
        self,
        info: Info,
        like: Like,
        unlike: Unlike = None,
        unlike_weight: UnlikeWeight = UNLIKE_WEIGHT,
        diversity: Diversity = 0.0,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Post] | None:
        return await found_by_example(
            info.context,
            searching.posts(info.context, filter_of(where)),
            direction_of(like, unlike, unlike_weight),
            spread=Spread(diversity),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Concepts like some examples and unlike others, the most similar first; no "
        "example is among them."
    )
    async def concepts_by_example(
        self,
        info: Info,
        like: Like,
        unlike: Unlike = None,
        unlike_weight: UnlikeWeight = UNLIKE_WEIGHT,
        diversity: Diversity = 0.0,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Concept] | None:
        return await found_by_example(
            info.context,
            searching.concepts(info.context, filter_of(where)),
            direction_of(like, unlike, unlike_weight),
            spread=Spread(diversity),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="What a text that is in no graph is likely meant to do: the intentions of the "
        "posts nearest to it, each with the posts that speak for it."
    )
    async def likely_intentions(
        self,
        info: Info,
        text: Text,
        nearest: Annotated[
            int,
            described(description="How many of the nearest posts that have intentions, 1 to 100."),
        ] = 20,
        where: Conditions = None,
    ) -> LikelyIntentions | None:
        return await likely_intentions(info.context, text, nearest=nearest, where=filter_of(where))

    @strawberry.field(
        description="Posts that have an intention of some relations, each with the intention as "
        "evidence: by its similarity to `about`, or by rising key; the first 1000."
    )
    async def posts_by_intention(
        self,
        info: Info,
        relations: Annotated[
            list[Relation] | None,
            described(description="The intention's relation is any of these; null for all ten."),
        ] = None,
        side: Annotated[
            Side | None,
            described(description="Only relations of the author, or only of the audience."),
        ] = None,
        relation: Annotated[
            Relation | None,
            strawberry.argument(
                description="The intention's relation.", deprecation_reason="Name it by relations."
            ),
        ] = None,
        about: Annotated[
            str | None,
            described(description="What the intention is to mean, in any words; null for any."),
        ] = None,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> EvidenceConnection | None:
        return await searching.by_intention(
            info.context,
            relations_asked(relations, side, relation),
            about=about,
            where=filter_of(where),
            paging=Paging(first, after),
        )
