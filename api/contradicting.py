"""Posts whose intentions contradict what they say, with both sentiments."""

from collections.abc import Sequence
from typing import Final

import strawberry

from api.context import Context
from api.intentions import Intention
from api.pages import Paging, RankedPage, Results
from api.posts import Post
from api.relations import relations_asked
from kg.contradiction import contradictions
from kg.ranking import RESULT_LIMIT
from schema.errors import QueryError
from schema.graph import Filter
from schema.relations import Relation

DEFAULT_RELATIONS: Final = (Relation.X_REACT, Relation.X_INTENT)


@strawberry.type(description="A post, and its intention that contradicts what it says most.")
class ContradictionEdge:
    """A post, and how it is contradicted."""

    cursor: str = strawberry.field(description="Where the next page begins.")
    node: Post = strawberry.field(description="The post.")
    evidence: Intention = strawberry.field(
        description="Its intention whose sentiment is farthest from that of its text."
    )
    said: float = strawberry.field(
        description="Estimate, by a lexicon, of the literal sentiment of the post's text: -1, all "
        "bad, to 1, all good."
    )
    meant: float = strawberry.field(
        description="The same estimate of the intention's text; it has the other sign."
    )
    difference: float = strawberry.field(
        description="How far the two estimates lie apart: above 0, at most 2."
    )


@strawberry.type(description="A page of posts whose intentions contradict what they say.")
class ContradictionConnection(RankedPage):
    """A page, the greatest contradiction first."""

    edges: list[ContradictionEdge] = strawberry.field(description="The page. At most `first`.")


async def contradicting(
    context: Context, relations: Sequence[Relation] | None, *, where: Filter, paging: Paging
) -> ContradictionConnection:
    """Return a page of the posts whose intentions of some relations contradict their texts.

    Raises:
        QueryError: The filter names relations as well, or none is named.
    """
    if where.relations:
        raise QueryError("leave relations and side out of where: the argument relations says which")
    named = DEFAULT_RELATIONS if relations is None else relations
    asked = relations_asked(named, None, None)
    results = Results(
        context.question("contradiction", asked, where),
        RESULT_LIMIT,
        lambda window: contradictions(context.source.store, asked, where=where, window=window),
    )
    page = await results.page(paging)
    loaders, hits = context.loaders, page.hits
    posts = await loaders.posts.load_many([hit.post_id for hit in hits])
    found = await loaders.intentions.load_many([hit.intention_id for hit in hits])
    edges = [
        ContradictionEdge(
            cursor=cursor,
            node=Post.of(post),
            evidence=Intention.of(evidence),
            said=hit.said,
            meant=hit.meant,
            difference=hit.difference,
        )
        for hit, cursor, post, evidence in zip(hits, page.cursors, posts, found, strict=True)
        if post is not None and evidence is not None
    ]
    return ContradictionConnection(edges=edges, page_info=page.info, page=page)
