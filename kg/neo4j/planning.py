"""Which way a search goes, by what each would cost."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from kg.neo4j.estimate import Estimate
from kg.neo4j.indexes import VectorIndex
from kg.neo4j.seeds import By, Seed
from kg.plan import SearchPlan, Strategy
from schema.graph import Filter

LEAST_ASKED: Final = 200
"""Fewest that an index is asked for: what it misses falls as the number grows (docs/decisions)."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What ways of searching cost, and how far each may go.

    Attributes:
        most_asked: Most nodes that a vector index is asked for.
        compared: To find a node from a seed, check and compare it: as much as to ask the index
            for so many more.
        margin: The index is asked for so many times as many as the estimate says.
    """

    most_asked: int = 10_000
    compared: float = 2.0
    margin: float = 1.5


DEFAULT_COSTS: Final = Costs()


@dataclass(frozen=True, slots=True)
class Route:
    """One way to search.

    Attributes:
        plan: What is told of it.
        index: The vector index that is asked, if one is.
        seed: Where it starts, if it is SELECTED.
        by_relations: The index is asked for the filter's relations only.
    """

    plan: SearchPlan
    index: VectorIndex | None = None
    seed: Seed | None = None
    by_relations: bool = False


def inside(index: VectorIndex | None, where: Filter) -> bool:
    """Whether an index answers by itself: there is no filter, or it takes the whole of it."""
    return index is not None and (
        where.is_empty or (index.takes_relations and where.only_relations)
    )


def chosen(
    estimate: Estimate, index: VectorIndex | None, wanted: int, where: Filter, costs: Costs
) -> Route:
    """Choose the way that costs least and can give as many as are wanted, if so many pass.

    Where ``inside`` says so, it is the index whatever the estimate is.
    """
    by_relations = index is not None and index.takes_relations and bool(where.relations)
    least = max(LEAST_ASKED, wanted)
    if inside(index, where):
        return Route(_plan(Strategy.INDEX, estimate, least), index, by_relations=by_relations)
    seen = _of_relations(estimate) if by_relations else estimate.nodes
    asked = max(least, _times(costs.margin * wanted, seen, estimate.passing))
    rarest = estimate.seeds[0][0] * costs.compared if estimate.seeds else costs.most_asked
    if index is not None and asked <= min(costs.most_asked, rarest):
        return Route(_plan(Strategy.FILTERED, estimate, asked), index, by_relations=by_relations)
    return exact(estimate)


def missed(estimate: Estimate, found: int, asked: int) -> Estimate:
    """Return the estimate as a search corrects it that found too few in what it asked for."""
    return replace(estimate, passing=min(estimate.passing, estimate.nodes * found / asked))


def exact(estimate: Estimate) -> Route:
    """Return the way that compares all that pass: from the rarest condition, if there is one."""
    if estimate.seeds:
        return Route(_plan(Strategy.SELECTED, estimate, 0), seed=estimate.seeds[0][1])
    return Route(_plan(Strategy.SCAN, estimate, 0))


def _times(wanted: float, seen: int, passing: float) -> int:
    """Return of how many the wanted are to be expected to pass."""
    return ceil(wanted * seen / max(passing, wanted * seen * 1e-9, 1e-9))


def _of_relations(estimate: Estimate) -> int:
    return next(led_to for led_to, seed in estimate.seeds if seed.by is By.RELATIONS)


def _plan(strategy: Strategy, estimate: Estimate, asked: int) -> SearchPlan:
    return SearchPlan(strategy, estimate.nodes, round(estimate.passing), asked)
