"""Neighbourhoods and paths as GraphQL shows them."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Annotated, Final, TypeVar

import strawberry
from anyio import to_thread

from api.context import Context, Info
from api.cursor import checked_first
from api.filters import Where, filter_of
from api.ids import key_of
from api.listing import shown
from api.node import Node
from api.vocabulary import Cut
from kg import traversal, wording
from kg.filters import VALUES_LIMIT
from kg.hops import Ends, Hops, Step, Subgraph
from kg.related import check_relations
from schema.errors import QueryError, UnknownIdError
from schema.graph import Related, RelationshipType

GRAPH_LIMIT: Final = 500
"""Most nodes or relationships of a neighbourhood that are shown."""

ASSERTION_LIMIT: Final = 10
"""Most assertions of one relationship that are shown."""


@strawberry.type(description="One source's assertion of a commonsense relationship.")
class Assertion:
    """Who says a RELATED."""

    source: str = strawberry.field(description="Who says so: 'conceptnet', 'atomic', 'cskg:VG'.")
    licence: str = strawberry.field(description="Of the source; empty where unknown.")
    weight: float = strawberry.field(
        description="How surely, above 0, on ConceptNet's scale, where 1 is one plain assertion."
    )

    @staticmethod
    def of(related: Related) -> "Assertion":
        """Return an assertion as GraphQL shows it."""
        return Assertion(source=related.source, licence=related.licence, weight=related.weight)


@strawberry.type(description="One relationship as it was followed, from a node to the next.")
class Hop:
    """A step of a traversal."""

    type: RelationshipType = strawberry.field(description="The relationship's type.")
    relation: str = strawberry.field(
        description="The relation of RELATED ('UsedFor') and HAS_INTENTION ('xWant'), the aspect "
        "of MENTIONS ('object'), the method of ABOUT."
    )
    forward: bool = strawberry.field(description="Whether it points from start to end.")
    confidence: float = strawberry.field(description="How sure it is, above 0 to 1.")
    start_key: strawberry.ID = strawberry.field(description="Key of the node at hand.")
    end_key: strawberry.ID = strawberry.field(description="Key of the next node.")
    step: strawberry.Private[Step]

    @strawberry.field(description="The node at hand.")
    async def start(self, info: Info) -> Node:
        return await _node(info.context, self.start_key)

    @strawberry.field(description="The next node.")
    async def end(self, info: Info) -> Node:
        return await _node(info.context, self.end_key)

    @strawberry.field(
        description="The step in words, and in brackets what speaks for it: the relation's gloss, "
        "how it was linked, or who says so under which licence."
    )
    async def reason(self, info: Info) -> str:
        texts, said = await asyncio.gather(
            texts_of(info.context, (self.start_key, self.end_key)), self._said(info.context)
        )
        return wording.reason(self.step, texts, said)

    @strawberry.field(
        description="Who says so, where it is a RELATED; else empty. By source. At most 10."
    )
    async def assertions(self, info: Info) -> list[Assertion]:
        return [Assertion.of(one) for one in await self._said(info.context)]

    async def _said(self, context: Context) -> list[Related]:
        if self.type is not RelationshipType.RELATED:
            return []
        related = await context.loaders.related_of.load(wording.head_of(self.step))
        return wording.assertions_of(self.step, related)[:ASSERTION_LIMIT]

    @staticmethod
    def of(step: Step) -> "Hop":
        """Return a step as GraphQL shows it."""
        return Hop(
            type=step.type,
            relation=step.relation,
            forward=step.forward,
            confidence=step.confidence,
            start_key=strawberry.ID(step.start_id),
            end_key=strawberry.ID(step.end_id),
            step=step,
        )


@strawberry.type(description="A node that a traversal reached.")
class Reached:
    """A node and how far it is."""

    hops: int = strawberry.field(description="Least number of hops to it; the start is 0.")
    key: strawberry.ID = strawberry.field(description="Key of the node.")

    @strawberry.field(description="The node.")
    async def node(self, info: Info) -> Node:
        return await _node(info.context, self.key)


@strawberry.type(description="What lies within some hops of a node.")
class Neighborhood:
    """A part of the graph around a node."""

    cut: list[Cut] = strawberry.field(
        description="Why something was left out; empty if nothing was. At most 3."
    )
    node_count: int = strawberry.field(description="How many nodes were reached.")
    relationship_count: int = strawberry.field(description="How many relationships were seen.")
    seen: strawberry.Private[Subgraph]
    hops: strawberry.Private[Sequence[Step]]

    @strawberry.field(description="The nodes, the nearest first, then by key. At most 500.")
    def nodes(
        self,
        first: Annotated[int, strawberry.argument(description="Most nodes, 1 to 500.")] = 100,
    ) -> list[Reached]:
        checked_first(first, GRAPH_LIMIT)
        nearest = sorted(self.seen.hops.items(), key=lambda item: (item[1], item[0]))
        return [Reached(key=strawberry.ID(i), hops=hops) for i, hops in nearest[:first]]

    @strawberry.field(
        description="The relationships, in the order in which they were first seen. At most 500."
    )
    def relationships(
        self,
        first: Annotated[
            int, strawberry.argument(description="Most relationships, 1 to 500.")
        ] = 100,
    ) -> list[Hop]:
        checked_first(first, GRAPH_LIMIT)
        return [Hop.of(step) for step in self.hops[:first]]


@strawberry.type(description="A way from one node to another that visits no node twice.")
class Path:
    """A path."""

    steps: list[Hop] = strawberry.field(description="Its steps, one behind another. At most 6.")
    confidence: float = strawberry.field(
        description="Product of the steps' confidences, above 0 to 1."
    )
    way: strawberry.Private[traversal.Path]

    @strawberry.field(description="The path as a sentence that a person can read.")
    async def sentence(self, info: Info) -> str:
        return wording.sentence(self.way, await texts_of(info.context, self.way.node_ids))


@strawberry.type(description="The best paths, by falling confidence.")
class Paths:
    """Paths, and whether there may be others."""

    paths: list[Path] = strawberry.field(
        description="Ties by fewer steps, then by the keys on the way. At most `first`."
    )
    cut: list[Cut] = strawberry.field(
        description="Why there may be others; empty if there are none. At most 4."
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the paths from a node are wanted, as a client says it."""

    end_id: str | None
    ends: Ends
    first: int
    overlap: float


@dataclass(frozen=True, slots=True)
class Reach:
    """How far, and along what, as a client says it."""

    hops: int
    types: list[RelationshipType] | None
    relations: list[str] | None
    fan_out: int
    frontier: int
    where: Where | None

    def bounded(self, timeout_s: float) -> Hops:
        """Return it as the store wants it.

        Raises:
            QueryError: A list is empty or too long.
        """
        return Hops(
            self.hops,
            frozenset(_some("types", self.types)),
            frozenset(_some("relations", self.relations)),
            self.fan_out,
            self.frontier,
            timeout_s,
            filter_of(self.where),
        )


async def neighborhood(context: Context, node_id: str, reach: Reach) -> Neighborhood:
    """Return what lies around a node."""
    hops = await _bounded(context, reach)
    seen = await traversal.neighborhood(context.source.store, key_of(node_id), hops)
    relationships = await to_thread.run_sync(_each_once, seen)  # there may be a million
    return Neighborhood(
        cut=_cuts(seen.cut),
        node_count=len(seen.hops),
        relationship_count=len(relationships),
        seen=seen,
        hops=relationships,
    )


async def paths(context: Context, start_id: str, reach: Reach, wanted: Wanted) -> Paths:
    """Return the best paths from a node."""
    found = await traversal.paths(
        context.source.store,
        key_of(start_id),
        None if wanted.end_id is None else key_of(wanted.end_id),
        replace(await _bounded(context, reach), ends=wanted.ends),
        limit=checked_first(wanted.first),
        overlap=wanted.overlap,
    )
    return Paths(
        paths=[
            Path(steps=[Hop.of(s) for s in path.steps], confidence=path.confidence, way=path)
            for path in found.paths
        ],
        cut=_cuts(found.cut),
    )


async def _bounded(context: Context, reach: Reach) -> Hops:
    hops = reach.bounded(context.source.settings.traversal_timeout_s)
    await check_relations(hops.relations, context.loaders.counts)
    return hops


async def texts_of(context: Context, keys: Iterable[str]) -> dict[str, str]:
    """Return the texts of some nodes, by key; one that is not there is left out."""
    found = await asyncio.gather(*(context.loaders.node(key) for key in keys))
    return {node.id: node.text for node in found if node is not None}


T = TypeVar("T")


def _some(name: str, values: list[T] | None) -> Iterable[T]:
    if values is None:
        return ()
    if not 1 <= len(values) <= VALUES_LIMIT:
        raise QueryError(f"{name} has {len(values)} values: 1 to {VALUES_LIMIT}, or null for all")
    return values


def _each_once(seen: Subgraph) -> list[Step]:
    """Return relationships as they were first followed: most are seen from both their ends."""
    first: dict[tuple[str, str, RelationshipType, str], Step] = {}
    for step in chain.from_iterable(seen.steps.values()):
        ends = (step.start_id, step.end_id) if step.forward else (step.end_id, step.start_id)
        first.setdefault((*ends, step.type, step.relation), step)
    return list(first.values())


def _cuts(cut: Iterable[str]) -> list[Cut]:
    return sorted(Cut(reason) for reason in cut)


async def _node(context: Context, key: str) -> Node:
    node = await context.loaders.node(key)
    if node is None:
        raise UnknownIdError(key)
    return shown(node)
