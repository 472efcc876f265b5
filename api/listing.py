"""Single nodes by id, and posts in the order of their keys."""

import asyncio
from collections.abc import Sequence

from api.concepts import Concept
from api.context import Context
from api.cursor import LIST_LIMIT, checked_first, id_after, id_cursor
from api.ids import is_of, key_of
from api.intentions import Intention
from api.node import Node
from api.pages import Paging, PostListConnection, PostListEdge, page_info
from api.posts import Post
from api.searching import D, N, Target
from schema import nodes
from schema.errors import QueryError, UnknownIdError
from schema.graph import Filter
from schema.nodes import NodeKind


def shown(node: nodes.Post | nodes.Intention | nodes.Concept) -> Node:
    """Return a node of any kind as GraphQL shows it."""
    match node:
        case nodes.Post():
            return Post.of(node)
        case nodes.Intention():
            return Intention.of(node)
        case nodes.Concept():
            return Concept.of(node)


async def node_by_id(context: Context, node_id: str) -> Node | None:
    """Return the node with an id; None where there is none."""
    try:
        node = await context.loaders.node(key_of(node_id))
    except UnknownIdError:
        return None
    return None if node is None else shown(node)


async def nodes_by_id(context: Context, node_ids: Sequence[str]) -> list[Node | None]:
    """Return the nodes with some ids, in their order; None where there is none.

    Raises:
        QueryError: There are more than LIST_LIMIT.
    """
    if len(node_ids) > LIST_LIMIT:
        raise QueryError(f"ids has {len(node_ids)} values: at most {LIST_LIMIT}")
    return await asyncio.gather(*(node_by_id(context, node_id) for node_id in node_ids))


async def one(target: Target[D, N], node_id: str) -> N | None:
    """Return the node of a kind with an id; None where there is none."""
    key = key_of(node_id)
    node = await target.loader.load(key) if is_of(target.kind, key) else None
    return None if node is None else target.show(node)


async def listed_posts(context: Context, where: Filter, paging: Paging) -> PostListConnection:
    """Return a page of the posts that pass, by rising key."""
    question = context.question("posts", where)
    first, after = checked_first(paging.first), id_after(paging.after, question)
    page = await context.source.store.ids(NodeKind.POST, where=where, after=after, limit=first)
    found = await context.loaders.posts.load_many(page.ids)
    cursors = [id_cursor(node_id, question) for node_id in page.ids]
    return PostListConnection(
        edges=[
            PostListEdge(cursor=cursor, node=Post.of(post))
            for cursor, post in zip(cursors, found, strict=True)
            if post is not None
        ],
        page_info=page_info(cursors, more=page.more, before=after != ""),
        where=where,
    )
