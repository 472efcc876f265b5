"""Connections: pages of nodes, as Relay wants them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import strawberry
from strawberry.relay import PageInfo

from api.context import Info
from api.cost import CALLS
from api.cursor import Question, rank_cursors, window_after
from api.explaining import Explanation, Why
from api.intentions import Intention
from api.node import Node
from api.posts import Post
from kg.plan import Strategy
from kg.ranking import Ranked, Ranking, Window
from schema.graph import Filter
from schema.nodes import NodeKind

N = TypeVar("N", bound=Node)
H = TypeVar("H", bound=Ranked)


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for."""

    first: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Results(Generic[H]):
    """All pages of a ranking.

    Attributes:
        question: What cursors are bound to.
        limit: The deepest rank.
        rank: Gives the page of a window.
    """

    question: Question
    limit: int
    rank: Callable[[Window], Awaitable[Ranking[H]]]

    async def page(self, paging: Paging) -> "Page[H]":
        """Return the page that is asked for.

        Raises:
            QueryError: ``first`` is out of range, or the cursor is none of this question's.
            StaleCursorError: The graph has moved on since the page before.
        """
        window = window_after(paging.first, paging.after, question=self.question)
        return Page(self, await self.rank(window))


@dataclass(frozen=True)
class Page(Generic[H]):
    """One page, and how many results there are on all."""

    results: Results[H]
    ranking: Ranking[H]

    @property
    def hits(self) -> tuple[H, ...]:
        """What is on it, best first."""
        return self.ranking.hits

    @cached_property
    def cursors(self) -> list[str]:
        """Of each hit, where the page behind it begins."""
        return rank_cursors(self.ranking, self.results.question)

    @property
    def info(self) -> PageInfo:
        """Where it lies."""
        return page_info(self.cursors, more=self.ranking.more, before=self.ranking.offset > 0)

    async def total(self) -> int:
        """Return it: where the page does not know it, by ranking as deep as the ranking goes."""
        if self.ranking.total is not None:
            return self.ranking.total
        return len((await self.results.rank(Window(self.results.limit))).hits)


TOTAL: Final = (
    "How many results there are on all pages. Exact, and at most 1000, or 200 where no more are "
    "ranked: a ranking ends there, whatever else passes. Where the page does not know it, it costs "
    "a ranking of its own."
)


@strawberry.type(description="A page of any ranking.")
class RankedPage:
    """What every page of a ranking has."""

    page_info: PageInfo = strawberry.field(description="Whether there are others, and where.")
    page: strawberry.Private[Page[Any]]

    @strawberry.field(description=TOTAL, directives=[CALLS])
    async def total_count(self) -> int:
        return await self.page.total()


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
class Connection(RankedPage, Generic[N]):
    """A page, best first."""

    edges: list[Edge[N]] = strawberry.field(description="The page. At most `first`.")
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
class EvidenceConnection(RankedPage):
    """A page, best first; by rising key where no meaning was asked for."""

    edges: list[EvidenceEdge] = strawberry.field(description="The page. At most `first`.")
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

    @strawberry.field(
        description="How many posts pass, on all pages, when it is asked. Exact.",
        directives=[CALLS],
    )
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
