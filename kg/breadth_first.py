"""Traversal, breadth first, but for the fetching: that is each store's own.

A store follows the relationships of the frontier's nodes and notes the arcs; here the next
frontier is chosen, and the whole is put into a Subgraph (GraphStore.traverse).
"""

import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from kg.hops import Hops, Step, Subgraph
from schema.graph import RelationshipType
from schema.nodes import NodeKind

DIGITS: Final = 12
AS_SURE: Final = 1e-9
"""Ways whose confidences differ by less are as sure: paths are compared so (kg.traversal)."""

NODES_AT_ONCE: Final = 256
"""The clock is looked at after as many nodes."""

Node = TypeVar("Node", bound=Hashable)

Arc = tuple[float, int, int, Node, int | str]
"""A step: minus its confidence, rank of its end, its way among those of its start's kind, its
end, its relation as the store holds it. Their own order is the order of steps."""


class Way(Protocol):
    """A relationship type in one direction out of one kind of node."""

    @property
    def type(self) -> RelationshipType: ...
    @property
    def forward(self) -> bool: ...
    @property
    def end(self) -> NodeKind: ...


@dataclass(slots=True)
class Walk(Generic[Node]):
    """What a traversal has seen so far.

    Attributes:
        bounds: How far it goes.
        frontier: The nodes at hand, each with the confidence of the best way there.
        hops: Every node that was reached, with the least number of hops to it.
        ways: The ways out of a node, as its arcs number them.
        arcs: By node that was expanded, in the order of expansion.
        cut: Why something was left out.
    """

    bounds: Hops
    frontier: dict[Node, float]
    hops: dict[Node, int]
    ways: Callable[[Node], Sequence[Way]]
    arcs: dict[Node, list[Arc[Node]]] = field(default_factory=dict[Node, list[Arc[Node]]])
    cut: set[str] = field(default_factory=set[str])

    def rounds(self, deadline: float) -> Iterator[list[Node]]:
        """Yield nodes to expand, hop after hop: the caller fills ``arcs`` of each before the next.

        Args:
            deadline: On the monotonic clock; after it no more nodes come.
        """
        for hop in range(1, self.bounds.most + 1):
            nodes = list(self.frontier)
            for first in range(0, len(nodes), NODES_AT_ONCE):
                if time.monotonic() > deadline:
                    self.cut.add("time")
                    break
                some = nodes[first : first + NODES_AT_ONCE]
                self.arcs.update((node, []) for node in some)
                yield some
            self._advance(hop)

    def _advance(self, hop: int) -> None:
        """Choose the next frontier among the ends of the arcs out of this one (Hops.frontier)."""
        reached = self._reached()
        if hop == self.bounds.most and not self.bounds.ends.are_any:
            reached = self._wanted(reached)
        self.frontier = self._kept(reached)
        self.hops.update(dict.fromkeys(self.frontier, hop))

    def _reached(self) -> dict[Node, tuple[float, int]]:
        """Return the new ends: minus the confidence of the best way there, and their rank."""
        hops, none = self.hops, (1.0, 0)
        reached: dict[Node, tuple[float, int]] = {}
        for node, confidence in self.frontier.items():
            for less, rank, _, end, _ in self.arcs.get(node, ()):
                product = confidence * less
                if end not in hops and product < reached.get(end, none)[0]:
                    reached[end] = (product, rank)
        return reached

    def _wanted(self, reached: Mapping[Node, tuple[float, int]]) -> dict[Node, tuple[float, int]]:
        """Return those of the ends that are wanted (Hops.ends)."""
        wanted: dict[Node, tuple[float, int]] = {}
        for node, confidence in self.frontier.items():
            wants = [self.bounds.ends.want(way.end, way.type) for way in self.ways(node)]
            for less, _, number, end, _ in self.arcs.get(node, ()):
                best = reached.get(end) if wants[number] else None
                if best is not None and confidence * less <= best[0] + AS_SURE:
                    wanted[end] = best
        return wanted

    def _kept(self, reached: Mapping[Node, tuple[float, int]]) -> dict[Node, float]:
        worst, limit = 0.0, self.bounds.frontier
        if len(reached) > limit:
            self.cut.add("frontier")
            worst = sorted(less for less, _ in reached.values())[limit - 1] + 10**-DIGITS
        near_enough = [(node, *best) for node, best in reached.items() if best[0] <= worst]
        near_enough.sort(key=lambda row: (round(row[1], DIGITS), row[2]))
        return {node: -less for node, less, _ in near_enough[:limit]}

    def subgraph(
        self,
        start_id: str,
        names: Mapping[Node, str],
        relation: Callable[[Way, int | str], str],
    ) -> Subgraph:
        """Put ids in the place of nodes; steps to nodes that were not kept fall away.

        Args:
            start_id: Where it began.
            names: The id of each node that was reached.
            relation: The name of what an arc along a way holds as its relation.
        """

        def steps(node: Node, arcs: Sequence[Arc[Node]]) -> Iterator[Step]:
            own, name = self.ways(node), names[node]
            for less, _, number, end, said in sorted([arc for arc in arcs if arc[3] in names]):
                way = own[number]
                yield Step(name, way.type, names[end], way.forward, relation(way, said), -less)

        return Subgraph(
            start_id,
            {names[node]: tuple(steps(node, arcs)) for node, arcs in self.arcs.items()},
            {names[node]: hop for node, hop in self.hops.items()},
            frozenset(self.cut),
        )
