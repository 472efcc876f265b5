"""Intentions and posts that share a motive or a topic with one, part by part."""

import strawberry

from api.context import Context
from api.ids import key_of_kind
from api.intentions import Intention
from api.pages import Paging, RankedPage, Results
from api.posts import Post
from kg import motive
from kg.motive import Part
from kg.ranking import RESULT_LIMIT
from kg.sharing import Sharing, intentions_sharing, posts_sharing
from schema.errors import QueryError
from schema.graph import Filter
from schema.nodes import NodeKind


@strawberry.type(
    description="How alike two intentions are, part by part: cosines, -1 to 1, 0 where one of them "
    "has no such part."
)
class Likeness:
    """The parts of a likeness."""

    whole: float = strawberry.field(description="Of all of their meaning.")
    motive: float = strawberry.field(description="Of what is left without the topic.")
    topic: float = strawberry.field(description="Of what the concepts explain.")


@strawberry.type(description="An intention, and how alike it is to the one that was asked for.")
class IntentionLikeEdge:
    """An intention in a ranking."""

    cursor: str = strawberry.field(description="Where the next page begins.")
    node: Intention = strawberry.field(description="The intention.")
    likeness: Likeness = strawberry.field(description="To the intention that was asked for.")


@strawberry.type(description="A page of intentions that share a motive or a topic.")
class IntentionLikeConnection(RankedPage):
    """A page, the part asked for most alike first."""

    edges: list[IntentionLikeEdge] = strawberry.field(description="The page. At most `first`.")


@strawberry.type(description="A post, and how alike an intention of it is to one of another post.")
class PostLikeEdge:
    """A post in a ranking, with the evidence."""

    cursor: str = strawberry.field(description="Where the next page begins.")
    node: Post = strawberry.field(description="The post.")
    evidence: Intention = strawberry.field(description="Its intention that is most alike.")
    asked: Intention = strawberry.field(
        description="The intention of the post asked for that it is like."
    )
    likeness: Likeness = strawberry.field(description="Of the two intentions.")


@strawberry.type(description="A page of posts that share a motive or a topic.")
class PostLikeConnection(RankedPage):
    """A page, the part asked for most alike first."""

    edges: list[PostLikeEdge] = strawberry.field(description="The page. At most `first`.")


async def intentions_alike(
    context: Context, intention_id: str, part: Part, *, where: Filter, paging: Paging
) -> IntentionLikeConnection:
    """Return a page of the intentions that share a part with one.

    Raises:
        UnknownIdError: The id is of no intention.
    """
    key = key_of_kind(NodeKind.INTENTION, intention_id)
    store = context.source.store
    results = Results(
        context.question("intentions sharing", key, part, where),
        RESULT_LIMIT,
        lambda window: intentions_sharing(store, key, part, where=where, window=window),
    )
    page = await results.page(paging)
    found = await context.loaders.intentions.load_many([hit.id for hit in page.hits])
    edges = [
        IntentionLikeEdge(cursor=cursor, node=Intention.of(node), likeness=_shown(hit.likeness))
        for hit, node, cursor in zip(page.hits, found, page.cursors, strict=True)
        if node is not None
    ]
    return IntentionLikeConnection(edges=edges, page_info=page.info, page=page)


async def posts_alike(
    context: Context, post_id: str, asked: Sharing, *, where: Filter, paging: Paging
) -> PostLikeConnection:
    """Return a page of the posts that share a part of an intention with one.

    Raises:
        UnknownIdError: The id is of no post.
        QueryError: The filter names relations as well.
    """
    if where.relations:
        raise QueryError("leave relations and side out of where: the argument relation says which")
    key = key_of_kind(NodeKind.POST, post_id)
    store = context.source.store
    results = Results(
        context.question("posts sharing", key, asked, where),
        RESULT_LIMIT,
        lambda window: posts_sharing(store, key, asked, where=where, window=window),
    )
    page = await results.page(paging)
    loaders, hits = context.loaders, page.hits
    posts = await loaders.posts.load_many([hit.post_id for hit in hits])
    theirs = await loaders.intentions.load_many([hit.intention_id for hit in hits])
    own = await loaders.intentions.load_many([hit.asked_id for hit in hits])
    edges = [
        PostLikeEdge(
            cursor=cursor,
            node=Post.of(post),
            evidence=Intention.of(evidence),
            asked=Intention.of(from_),
            likeness=_shown(hit.likeness),
        )
        for hit, cursor, post, evidence, from_ in zip(
            hits, page.cursors, posts, theirs, own, strict=True
        )
        if post is not None and evidence is not None and from_ is not None
    ]
    return PostLikeConnection(edges=edges, page_info=page.info, page=page)


def _shown(likeness: motive.Likeness) -> Likeness:
    return Likeness(whole=likeness.whole, motive=likeness.motive, topic=likeness.topic)
