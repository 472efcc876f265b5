"""Intentions and posts that share a motive or a topic with one, part by part."""

from dataclasses import dataclass

import strawberry
from strawberry.relay import PageInfo

from api.context import Context
from api.cursor import question_hash, rank_cursors, window_after
from api.ids import key_of_kind
from api.intentions import Intention
from api.pages import page_of
from api.posts import Post
from api.searching import Paging
from kg import motive
from kg.motive import Part
from kg.ranking import RESULT_LIMIT
from kg.sharing import Differ, intentions_sharing, posts_sharing
from schema.errors import QueryError
from schema.graph import Filter
from schema.nodes import NodeKind
from schema.relations import Relation


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
class IntentionLikeConnection:
    """A page, the part asked for most alike first."""

    edges: list[IntentionLikeEdge] = strawberry.field(description="The page. At most `first`.")
    page_info: PageInfo = strawberry.field(description="Whether there are others, and where.")


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
class PostLikeConnection:
    """A page, the part asked for most alike first."""

    edges: list[PostLikeEdge] = strawberry.field(description="The page. At most `first`.")
    page_info: PageInfo = strawberry.field(description="Whether there are others, and where.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What posts are to share with one, and in what they are to differ from it."""

    relation: Relation
    part: Part
    differ: Differ | None


async def intentions_alike(
    context: Context, intention_id: str, part: Part, *, where: Filter, paging: Paging
) -> IntentionLikeConnection:
    """Return a page of the intentions that share a part with one.

    Raises:
        UnknownIdError: The id is of no intention.
    """
    key = key_of_kind(NodeKind.INTENTION, intention_id)
    question = question_hash("intentions sharing", key, part, where)
    window = window_after(paging.first, paging.after, question=question, limit=RESULT_LIMIT)
    ranking = await intentions_sharing(context.source.store, key, part, where=where, window=window)
    found = await context.loaders.intentions.load_many([hit.id for hit in ranking.hits])
    cursors = rank_cursors(ranking, question)
    edges = [
        IntentionLikeEdge(cursor=cursor, node=Intention.of(node), likeness=_shown(hit.likeness))
        for hit, node, cursor in zip(ranking.hits, found, cursors, strict=True)
        if node is not None
    ]
    return IntentionLikeConnection(edges=edges, page_info=page_of(ranking, cursors))


async def posts_alike(
    context: Context, post_id: str, asked: Asked, *, where: Filter, paging: Paging
) -> PostLikeConnection:
    """Return a page of the posts that share a part of an intention with one.

    Raises:
        UnknownIdError: The id is of no post.
        QueryError: The filter names relations as well.
    """
    if where.relations:
        raise QueryError("leave relations and side out of where: the argument relation says which")
    key = key_of_kind(NodeKind.POST, post_id)
    question = question_hash("posts sharing", key, asked, where)
    ranking = await posts_sharing(
        context.source.store,
        key,
        asked.relation,
        asked.part,
        differ=asked.differ,
        where=where,
        window=window_after(paging.first, paging.after, question=question, limit=RESULT_LIMIT),
    )
    loaders, hits = context.loaders, ranking.hits
    posts = await loaders.posts.load_many([hit.post_id for hit in hits])
    theirs = await loaders.intentions.load_many([hit.intention_id for hit in hits])
    own = await loaders.intentions.load_many([hit.asked_id for hit in hits])
    cursors = rank_cursors(ranking, question)
    edges = [
        PostLikeEdge(
            cursor=cursor,
            node=Post.of(post),
            evidence=Intention.of(evidence),
            asked=Intention.of(from_),
            likeness=_shown(hit.likeness),
        )
        for hit, cursor, post, evidence, from_ in zip(
            hits, cursors, posts, theirs, own, strict=True
        )
        if post is not None and evidence is not None and from_ is not None
    ]
    return PostLikeConnection(edges=edges, page_info=page_of(ranking, cursors))


def _shown(likeness: motive.Likeness) -> Likeness:
    return Likeness(whole=likeness.whole, motive=likeness.motive, topic=likeness.topic)
