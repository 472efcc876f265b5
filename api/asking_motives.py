"""What is alike in motive or topic, what diverges, and what contradicts itself."""

from typing import Annotated

import strawberry

from api import (
    contradicting,
    diverging,
    sharing,
)
from api.arguments import After, Conditions, First, Id, described
from api.context import Info
from api.contradicting import ContradictionConnection
from api.cost import LOOKS_AT_ALL
from api.diverging import DivergenceConnection
from api.filters import filter_of
from api.pages import Paging
from api.sharing import IntentionLikeConnection, PostLikeConnection
from kg.motive import Part
from kg.sharing import Differ, Sharing
from schema.relations import Relation


@strawberry.type(
    description="What is alike in motive or topic, what diverges, and what contradicts itself."
)
class MotiveFields:
    """Fields of the query; each is null where it fails, beside an error that says why."""

    @strawberry.field(
        description="Intentions that share the motive of one, or its topic: of the 1000 nearest, "
        "those first in which that part is most alike.",
        directives=[LOOKS_AT_ALL],
    )
    async def intentions_sharing(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        part: Annotated[Part, described(description="What is to be alike.")] = Part.MOTIVE,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> IntentionLikeConnection | None:
        return await sharing.intentions_alike(
            info.context, id, part, where=filter_of(where), paging=Paging(first, after)
        )

    @strawberry.field(
        description="Posts whose intention of a relation is like that of a post, and which differ "
        "from it in something else: a similar motive with another emotion, or about another topic. "
        "Of each intention of the post, the 1000 nearest that pass are looked at.",
        directives=[LOOKS_AT_ALL],
    )
    async def posts_sharing(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        relation: Annotated[
            Relation, described(description="The relation of the intentions that are compared.")
        ] = Relation.X_INTENT,
        part: Annotated[Part, described(description="What is to be alike.")] = Part.WHOLE,
        differ: Annotated[
            Differ | None,
            described(
                description="Only posts that are known to have such, and share none with the post; "
                "null for any."
            ),
        ] = None,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> PostLikeConnection | None:
        return await sharing.posts_alike(
            info.context,
            id,
            Sharing(relation, part, differ),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Posts whose intentions of two relations are least alike, with both as "
        "evidence: where what the author feels and what others feel diverge most.",
        directives=[LOOKS_AT_ALL],
    )
    async def posts_by_divergence(
        self,
        info: Info,
        relation: Annotated[
            Relation, described(description="What is compared: unless told, the author's feeling.")
        ] = Relation.X_REACT,
        against: Annotated[
            Relation, described(description="With what: unless told, the feeling of others.")
        ] = Relation.O_REACT,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> DivergenceConnection | None:
        return await diverging.diverging(
            info.context,
            (relation, against),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Posts whose intentions contradict what they literally say, by estimates of "
        "sentiment: glad words and an author who is not, or the other way round.",
        directives=[LOOKS_AT_ALL],
    )
    async def posts_by_contradiction(
        self,
        info: Info,
        relations: Annotated[
            list[Relation] | None,
            described(
                description="Intentions of any of these are compared with the post's text; null "
                "for what the author feels and intended (xReact, xIntent)."
            ),
        ] = None,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> ContradictionConnection | None:
        return await contradicting.contradicting(
            info.context, relations, where=filter_of(where), paging=Paging(first, after)
        )
