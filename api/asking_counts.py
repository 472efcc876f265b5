"""Counts, lifts, comparisons and groups."""

from typing import Annotated

import strawberry

from api import (
    faceting,
    grouping,
)
from api.among import within
from api.arguments import By, Conditions, Counted, First, Hits, Least, described
from api.context import Info
from api.cost import LOOKS_AT_ALL
from api.faceting import Comparison, FacetTable, LiftTable
from api.filters import Where, filter_of
from api.grouping import Grouping, IntentionGroups
from kg import groups
from kg.facets import Subject
from kg.filters import all_of
from schema.nodes import NodeKind


@strawberry.type(description="Counts, lifts, comparisons and groups.")
class CountFields:
    """Fields of the query; each is null where it fails, beside an error that says why."""

    @strawberry.field(
        description="Posts or intentions that pass, counted by a facet: the count of a value is "
        "how many pass `where` and its own condition.",
        directives=[LOOKS_AT_ALL],
    )
    async def facet(
        self,
        info: Info,
        by: By,
        kind: Counted = NodeKind.POST,
        where: Conditions = None,
        among: Hits = None,
        first: First = 10,
    ) -> FacetTable | None:
        group = await within(info.context, kind, among, filter_of(where))
        return await faceting.facet(info.context, Subject(kind, by), group, first)

    @strawberry.field(
        description="What is more frequent in a group than in the background around it: the group "
        "is what passes `where` and `background` both.",
        directives=[LOOKS_AT_ALL],
    )
    async def lift(
        self,
        info: Info,
        by: By,
        where: Annotated[Where, described(description="What is in the group.")],
        kind: Counted = NodeKind.POST,
        background: Annotated[
            Where | None,
            described(description="What the group is compared with; null for the whole graph."),
        ] = None,
        among: Hits = None,
        least: Least = 5,
        first: First = 10,
    ) -> LiftTable | None:
        around = filter_of(background)
        group = await within(info.context, kind, among, all_of(around, filter_of(where)))
        cut = faceting.cut_of(least, first)
        return await faceting.lift(
            info.context, Subject(kind, by), group, background=around, cut=cut
        )

    @strawberry.field(
        description="Two groups side by side: what separates them.", directives=[LOOKS_AT_ALL]
    )
    async def comparison(
        self,
        info: Info,
        by: By,
        a: Annotated[Where, described(description="What is in the first group.")],
        b: Annotated[Where, described(description="What is in the second.")],
        kind: Counted = NodeKind.POST,
        where: Conditions = None,
        among: Hits = None,
        least: Least = 5,
        first: First = 10,
    ) -> Comparison | None:
        both = await within(info.context, kind, among, filter_of(where))
        groups = filter_of(a), filter_of(b)
        cut = faceting.cut_of(least, first)
        return await faceting.comparison(
            info.context, Subject(kind, by), groups, within=both, cut=cut
        )

    @strawberry.field(
        description="The largest groups of similar intentions, each named by its medoid: the same "
        "intentions give the same groups, in whatever order they were written.",
        directives=[LOOKS_AT_ALL],
    )
    async def intention_groups(
        self,
        info: Info,
        where: Conditions = None,
        among: Hits = None,
        similarity: Annotated[
            float,
            described(
                description="Least cosine of a member to the one that its group is built around, "
                "between 0 and 1: greater for smaller, closer groups."
            ),
        ] = groups.SIMILARITY,
        first: First = 10,
    ) -> IntentionGroups | None:
        group = await within(info.context, NodeKind.INTENTION, among, filter_of(where))
        return await grouping.intention_groups(info.context, group, Grouping(similarity, first))
