"""Nodes by id, in lists, and in numbers."""

from typing import Annotated

import strawberry

from api import (
    counting,
    exporting,
    listing,
    searching,
)
from api.arguments import After, Conditions, First, Id, described
from api.concepts import Concept
from api.context import Info
from api.cost import EXPORTS
from api.counting import RelationSummary, Stats
from api.exporting import Subgraph
from api.filters import Where, filter_of
from api.intentions import Intention
from api.node import Node
from api.pages import Paging, PostListConnection
from api.posts import Post


@strawberry.type(description="Nodes by id, in lists, and in numbers.")
class NodeFields:
    """Fields of the query; each is null where it fails, beside an error that says why."""

    @strawberry.field(description="The node with an id; null where there is none.")
    async def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002 Relay's name
        return await listing.node_by_id(info.context, id)

    @strawberry.field(
        description="The nodes with these ids, in their order; null where there is none. "
        "At most 100."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID],
            described(description="At most 100; each global, or the domain's own."),
        ],
    ) -> list[Node | None] | None:
        return await listing.nodes_by_id(info.context, ids)

    @strawberry.field(description="The post with an id; null where there is none.")
    async def post(self, info: Info, id: Id) -> Post | None:  # noqa: A002 Relay's name
        return await listing.one(searching.posts(info.context), id)

    @strawberry.field(description="The intention with an id; null where there is none.")
    async def intention(self, info: Info, id: Id) -> Intention | None:  # noqa: A002 Relay's name
        return await listing.one(searching.intentions(info.context), id)

    @strawberry.field(description="The concept with an id; null where there is none.")
    async def concept(self, info: Info, id: Id) -> Concept | None:  # noqa: A002 Relay's name
        return await listing.one(searching.concepts(info.context), id)

    @strawberry.field(description="Posts by rising key.")
    async def posts(
        self, info: Info, where: Conditions = None, first: First = 10, after: After = None
    ) -> PostListConnection | None:
        return await listing.listed_posts(info.context, filter_of(where), Paging(first, after))

    @strawberry.field(
        description="The nodes behind an answer, with what they need to be understood, their "
        "provenance and licences, in a form that can be kept and loaded again. A post brings all "
        "that it has; an intention brings what it is about and posts that have it.",
        directives=[EXPORTS],
    )
    async def subgraph(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID] | None,
            described(
                description="Nodes of any kind, at most 100; each global, or the domain's own."
            ),
        ] = None,
        where: Annotated[
            Where | None, described(description="Without `ids`, the posts that pass, by key.")
        ] = None,
        first: Annotated[int, described(description="Most posts that pass, 1 to 100.")] = 10,
        posts: Annotated[
            int, described(description="Most posts that each of the intentions brings, 0 to 100.")
        ] = 10,
    ) -> Subgraph | None:
        passing = filter_of(where)
        return await exporting.exported(info.context, ids or (), passing, first=first, posts=posts)

    @strawberry.field(description="The ten relations, in MIKO's order. At most 10.")
    def relations(self) -> list[RelationSummary]:
        return counting.summaries()

    @strawberry.field(description="What is in the graph.")
    async def stats(self, info: Info) -> Stats | None:
        return Stats.of(await info.context.loaders.counts())
