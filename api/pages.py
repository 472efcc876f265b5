"""Connections: pages of nodes, as Relay wants them."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import strawberry
from strawberry.relay import PageInfo

from api.context import Info
from api.intentions import Intention
from api.node import Node
from api.posts import Post
from schema.graph import Filter
from schema.nodes import NodeKind

N = TypeVar("N", bound=Node)


@strawberry.type(description="A node in a ranking.")
class Edge(Generic[N]):
    """A node, and why it stands where it does."""

    cursor: str = strawberry.field(description="Where the next page begins.")
    node: N = strawberry.field(description="The node.")
    similarity: float | None = strawberry.field(
        description="Cosine to what was asked, -1 to 1; null where words alone found it."
    )
    relevance: float | None = strawberry.field(
        description="BM25, above 0; null where meaning alone found it."
    )
    score: float | None = strawberry.field(
        description="The fused value; null where nothing was fused."
    )


@strawberry.type(description="A page of a ranking.")
class Connection(Generic[N]):
    """A page, best first."""

    edges: list[Edge[N]] = strawberry.field(description="The page. At most `first`.")
    page_info: PageInfo = strawberry.field(description="Whether there are others, and where.")


@strawberry.type(description="A post that an intention made a result.")
class EvidenceEdge:
    """A post, and the intention that speaks for it."""

    cursor: str = strawberry.field(description="Where the next page begins.")
    node: Post = strawberry.field(description="The post.")
    evidence: Intention = strawberry.field(
        description="Its intention nearest to what was asked; its first where nothing was."
    )
    similarity: float | None = strawberry.field(
        description="Cosine of the evidence and what was asked; null where nothing was."
    )


@strawberry.type(description="A page of posts with their evidence.")
class EvidenceConnection:
    """A page, best first; by rising key where no meaning was asked for."""

    edges: list[EvidenceEdge] = strawberry.field(description="The page. At most `first`.")
    page_info: PageInfo = strawberry.field(description="Whether there are others, and where.")


@strawberry.type(description="A post in a list.")
class PostListEdge:
    """A post and the cursor behind it."""

    cursor: str = strawberry.field(description="Where the next page begins.")
    node: Post = strawberry.field(description="The post.")


@strawberry.type(description="A page of posts, by rising key.")
class PostListConnection:
    """A page of all posts that pass."""

    edges: list[PostListEdge] = strawberry.field(description="The page. At most `first`.")
    page_info: PageInfo = strawberry.field(description="Whether there are others, and where.")
    where: strawberry.Private[Filter]

    @strawberry.field(description="How many posts pass, on all pages.")
    async def total_count(self, info: Info) -> int:
        return await info.context.source.store.count(NodeKind.POST, self.where)


def page_info(cursors: Sequence[str], *, more: bool, before: bool) -> PageInfo:
    """Say where a page lies."""
    return PageInfo(
        has_next_page=more,
        has_previous_page=before,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
