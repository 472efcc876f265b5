"""Posts of which two relations say what differs most, each with the two intentions."""

import strawberry

from api.context import Context
from api.cost import LOOKS_AT_ALL
from api.intentions import Intention
from api.pages import TOTAL, Paging, RankedPage, Results
from api.posts import Post
from kg.divergence import divergence
from kg.ranking import RESULT_LIMIT
from kg.store import SIMILARITY_DIGITS
from schema.errors import QueryError
from schema.graph import Filter
from schema.relations import Relation


@strawberry.type(description="A post, and its two intentions that are nearest to one another.")
class DivergenceEdge:
    """A post, and how far two of its relations lie from one another."""

    cursor: str = strawberry.field(description="Where the next page begins.")
    node: Post = strawberry.field(description="The post.")
    evidence: Intention = strawberry.field(
        description="Of its intentions of `relation`, the one nearest to one of `against`."
    )
    against: Intention = strawberry.field(
        description="Of its intentions of `against`, the one nearest to `evidence`."
    )
    similarity: float = strawberry.field(description="Cosine of the two, -1 to 1.")
    divergence: float = strawberry.field(description="1 less the cosine, 0 to 2.")


@strawberry.type(description="A page of posts whose intentions of two relations differ.")
class DivergenceConnection(RankedPage):
    """A page, the greatest divergence first."""

    edges: list[DivergenceEdge] = strawberry.field(description="The page. At most `first`.")

    @strawberry.field(description=TOTAL, directives=[LOOKS_AT_ALL])
    async def total_count(self) -> int:
        return await self.page.total()


async def diverging(
    context: Context, relations: tuple[Relation, Relation], *, where: Filter, paging: Paging
) -> DivergenceConnection:
    """Return a page of the posts whose intentions of two relations differ most.

    Raises:
        QueryError: The filter names relations as well.
    """
    if where.relations:
        raise QueryError("leave relations and side out of where: the arguments say which relations")
    results = Results(
        context.question("divergence", relations, where),
        RESULT_LIMIT,
        lambda window: divergence(context.source.store, relations, where=where, window=window),
    )
    page = await results.page(paging)
    loaders, hits = context.loaders, page.hits
    posts = await loaders.posts.load_many([hit.post_id for hit in hits])
    firsts = await loaders.intentions.load_many([hit.first_id for hit in hits])
    seconds = await loaders.intentions.load_many([hit.second_id for hit in hits])
    edges = [
        DivergenceEdge(
            cursor=cursor,
            node=Post.of(post),
            evidence=Intention.of(first),
            against=Intention.of(second),
            similarity=hit.similarity,
            divergence=round(1 - hit.similarity, SIMILARITY_DIGITS),
        )
        for hit, cursor, post, first, second in zip(
            hits, page.cursors, posts, firsts, seconds, strict=True
        )
        if post is not None and first is not None and second is not None
    ]
    return DivergenceConnection(edges=edges, page_info=page.info, page=page)
