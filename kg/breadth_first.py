"""Traversal, breadth first, but for the fetching: that is each store's own.

A store follows the relationships of the frontier's nodes and notes the arcs; here the next
frontier is chosen, and the whole is put into a Subgraph (GraphStore.traverse).
"""

import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from kg.store import Hops, Step, Subgraph
from schema.graph import RelationshipType

DIGITS: Final = 12

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


@dataclass(slots=True)
class Walk(Generic[Node]):
    """What a traversal has seen so far.

    Attributes:
        bounds: How far it goes.
        frontier: The nodes at hand, each with the confidence of the best way there.
        hops: Every node that was reached, with the least number of hops to it.
        arcs: By node that was expanded, in the order of expansion.
        cut: Why something was left out.
    """

    bounds: Hops
    frontier: dict[Node, float]
    hops: dict[Node, int]
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
        hops, none = self.hops, (1.0, 0)
        reached: dict[Node, tuple[float, int]] = {}
        for node, confidence in self.frontier.items():
            for less, rank, _, end, _ in self.arcs.get(node, ()):
                product = confidence * less
                if end not in hops and product < reached.get(end, none)[0]:
                    reached[end] = (product, rank)
        self.frontier = self._kept(reached)
        hops.update(dict.fromkeys(self.frontier, hop))

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
        ways: Callable[[Node], Sequence[Way]],
        relation: Callable[[Way, int | str], str],
    ) -> Subgraph:
        """Put ids in the place of nodes; steps to nodes that were not kept fall away.

        Args:
            start_id: Where it began.
            names: The id of each node that was reached.
            ways: The ways out of a node, as its arcs number them.
            relation: The name of what an arc along a way holds as its relation.
        """

        def steps(node: Node, arcs: Sequence[Arc[Node]]) -> Iterator[Step]:
            own, name = ways(node), names[node]
            for less, _, number, end, said in sorted([arc for arc in arcs if arc[3] in names]):
                way = own[number]
                yield Step(name, way.type, names[end], way.forward, relation(way, said), -less)

        return Subgraph(
            start_id,
            {names[node]: tuple(steps(node, arcs)) for node, arcs in self.arcs.items()},
            {names[node]: hop for node, hop in self.hops.items()},
            frozenset(self.cut),
        )
