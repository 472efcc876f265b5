"""Counts by a facet, lift against a background, and two groups side by side."""

from typing import Final

import strawberry

from api.concepts import Concept
from api.context import Context, Info
from api.cursor import checked_first
from kg import facets
from kg.facets import Cut, Subject
from schema.facets import OF_CONCEPTS, Facet
from schema.graph import Filter

BY_CHANCE: Final = "How likely so great a difference is by chance, for this value alone."
CORRECTED: Final = (
    "The same, corrected for all values compared: of those with q up to 0.05, "
    "about one in twenty is there by chance."
)


@strawberry.type(description="A value of a facet.")
class Value:
    """What is counted."""

    value: str = strawberry.field(
        description="As `where` takes it; a label is 'name=value', a concept its URI."
    )
    by: strawberry.Private[Facet]

    @strawberry.field(description="The concept that it is; null where the facet is of others.")
    async def concept(self, info: Info) -> Concept | None:
        if self.by not in OF_CONCEPTS:
            return None
        found = await info.context.loaders.concepts.load(self.value)
        return None if found is None else Concept.of(found)


@strawberry.type(description="How many nodes have a value.")
class FacetCount(Value):
    """A value and its count."""

    count: int = strawberry.field(description="Nodes that have it and pass.")
    share: float = strawberry.field(description="The same, of all that pass, 0 to 1.")


@strawberry.type(description="Nodes that pass, counted by a facet; a node may have several values.")
class FacetTable:
    """Counts by a facet."""

    total: int = strawberry.field(description="How many nodes pass. Exact.")
    values: int = strawberry.field(description="How many values they have together. Exact.")
    counts: list[FacetCount] = strawberry.field(
        description="The most frequent first, ties by value. At most `first`."
    )


@strawberry.type(description="How much more frequent a value is in a group than around it.")
class Lift(Value):
    """A value, its lift, and how sure that is."""

    count: int = strawberry.field(description="Nodes of the group that have it.")
    background_count: int = strawberry.field(
        description="Nodes of the background that have it, those of the group among them."
    )
    lift: float = strawberry.field(
        description="Its share in the group by its share in the background: 2 is twice as often."
    )
    low: float = strawberry.field(description="Lower end of the interval of 95 %.")
    high: float = strawberry.field(description="Upper end of the interval of 95 %.")
    p: float = strawberry.field(description=BY_CHANCE)
    q: float = strawberry.field(description=CORRECTED)


@strawberry.type(description="Lifts of a group against the background that it is a part of.")
class LiftTable:
    """Lifts by a facet."""

    total: int = strawberry.field(description="Nodes in the group.")
    background_total: int = strawberry.field(description="Nodes in the background.")
    compared: int = strawberry.field(description="How many values were compared.")
    lifts: list[Lift] = strawberry.field(
        description="By the lower end of the interval, the greatest first, ties by value. At most "
        "`first`."
    )


@strawberry.type(description="A share of a group.")
class Rate:
    """A share and its interval."""

    count: int = strawberry.field(description="Nodes of the group that have the value.")
    share: float = strawberry.field(description="The same, of all in the group, 0 to 1.")
    low: float = strawberry.field(description="Lower end of the interval of 95 %.")
    high: float = strawberry.field(description="Upper end of the interval of 95 %.")

    @staticmethod
    def of(rate: facets.Rate) -> "Rate":
        """Return a rate as GraphQL shows it."""
        return Rate(count=rate.count, share=rate.share, low=rate.low, high=rate.high)


@strawberry.type(description="How frequent a value is in two groups.")
class Contrast(Value):
    """A value, its two rates, and how sure their difference is."""

    a: Rate = strawberry.field(description="In the first group.")
    b: Rate = strawberry.field(description="In the second.")
    difference: float = strawberry.field(description="The first share less the second, -1 to 1.")
    low: float = strawberry.field(description="Lower end of the difference's interval of 95 %.")
    high: float = strawberry.field(description="Upper end of the difference's interval of 95 %.")
    p: float = strawberry.field(description=BY_CHANCE)
    q: float = strawberry.field(description=CORRECTED)


@strawberry.type(description="Two groups side by side, by the values of a facet.")
class Comparison:
    """What separates two groups."""

    total_a: int = strawberry.field(description="Nodes in the first group.")
    total_b: int = strawberry.field(description="Nodes in the second.")
    total_both: int = strawberry.field(
        description="Nodes in both: intervals and p take the groups for "
        "independent, so ask for groups that share little."
    )
    compared: int = strawberry.field(description="How many values were compared.")
    contrasts: list[Contrast] = strawberry.field(
        description="Those first whose difference is surely the greatest, either way; then by "
        "difference, then by value. At most `first`."
    )


async def facet(context: Context, subject: Subject, where: Filter, first: int) -> FacetTable:
    """Return the counts of what passes."""
    found = await facets.facet(context.source.store, subject, where, first=checked_first(first))
    counts = [
        FacetCount(by=subject.by, value=value, count=count, share=count / found.nodes)
        for value, count in found.counts
    ]
    return FacetTable(total=found.nodes, values=found.values, counts=counts)


def cut_of(least: int, first: int) -> Cut:
    """Return what of the values is asked for.

    Raises:
        QueryError: It is too much, or nothing.
    """
    return Cut(least, checked_first(first))


async def lift(
    context: Context,
    subject: Subject,
    where: Filter,
    *,
    background: Filter,
    cut: Cut,
) -> LiftTable:
    """Return the lifts of a group."""
    found = await facets.lift(context.source.store, subject, where, background=background, cut=cut)
    lifts = [
        Lift(
            by=subject.by,
            value=one.value,
            count=one.count,
            background_count=one.background,
            lift=one.lift,
            low=one.low,
            high=one.high,
            p=one.p,
            q=one.q,
        )
        for one in found.lifts
    ]
    return LiftTable(
        total=found.group,
        background_total=found.background,
        compared=found.compared,
        lifts=lifts,
    )


async def comparison(
    context: Context,
    subject: Subject,
    groups: tuple[Filter, Filter],
    *,
    within: Filter,
    cut: Cut,
) -> Comparison:
    """Return what separates two groups."""
    found = await facets.compare(context.source.store, subject, groups, within=within, cut=cut)
    contrasts = [
        Contrast(
            by=subject.by,
            value=one.value,
            a=Rate.of(one.a),
            b=Rate.of(one.b),
            difference=one.difference,
            low=one.low,
            high=one.high,
            p=one.p,
            q=one.q,
        )
        for one in found.contrasts
    ]
    return Comparison(
        total_a=found.total_a,
        total_b=found.total_b,
        total_both=found.total_both,
        compared=found.compared,
        contrasts=contrasts,
    )
