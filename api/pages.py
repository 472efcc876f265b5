"""Connections: pages of nodes, as Relay wants them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import strawberry
from strawberry.relay import PageInfo

from api.context import Info
from api.explaining import Explanation, Why
from api.intentions import Intention
from api.node import Node
from api.posts import Post
from kg.plan import Strategy
from kg.ranking import Ranking
from schema.graph import Filter
from schema.nodes import NodeKind

N = TypeVar("N", bound=Node)


@strawberry.type(description="How a search by meaning was planned.")
class Plan:
    """For whoever wonders why a search is slow."""

    strategy: Strategy = strawberry.field(description="How the nearest were found.")
    nodes: int = strawberry.field(description="How many nodes of the kind there are.")
    estimated_passing: int = strawberry.field(description="About how many of them pass `where`.")
    estimated_share: float = strawberry.field(description="About which share passes, 0 to 1.")
    asked: int = strawberry.field(
        description="How many nodes the vector index was asked for; 0 where none was."
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """The question whose plan may be asked for: as many nodes of a kind as pass."""

    kind: NodeKind
    k: int
    where: Filter

    async def plan(self, info: Info) -> Plan:
        """Ask the store; nothing is asked where no one wants to know."""
        found = await info.context.source.store.plan(self.kind, self.k, self.where)
        return Plan(
            strategy=found.strategy,
            nodes=found.nodes,
            estimated_passing=found.estimated,
            estimated_share=found.share,
            asked=found.asked,
        )


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
    why: strawberry.Private[Why]

    @strawberry.field(description="Why it stands where it does.")
    def explanation(self) -> Explanation:
        return Explanation.of(self.why)


@strawberry.type(description="A page of a ranking.")
class Connection(Generic[N]):
    """A page, best first."""

    edges: list[Edge[N]] = strawberry.field(description="The page. At most `first`.")
    page_info: PageInfo = strawberry.field(description="Whether there are others, and where.")
    planned: strawberry.Private[Planned | None]

    @strawberry.field(
        description="How it was searched by meaning; null where it was not. For debugging."
    )
    async def plan(self, info: Info) -> Plan | None:
        return None if self.planned is None else await self.planned.plan(info)


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
    planned: strawberry.Private[Planned | None]

    @strawberry.field(
        description="How it was searched by meaning; null where it was not. For debugging."
    )
    async def plan(self, info: Info) -> Plan | None:
        return None if self.planned is None else await self.planned.plan(info)


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


def page_of(ranking: Ranking[Any], cursors: Sequence[str]) -> PageInfo:
    """Say where a page of a ranking lies, whatever is ranked."""
    return page_info(cursors, more=ranking.more, before=ranking.offset > 0)
