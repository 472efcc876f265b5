"""How far a traversal goes, and what it saw (GraphStore.traverse)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schema.graph import EVERYTHING, Filter, RelationshipType
from schema.nodes import NodeKind

UNJUDGED: Final = 0.9
"""Confidence of an intention that nothing judged: each hop makes a path less sure."""

MENTIONED: Final = 0.8
"""Confidence of a mention: it says that a concept is there, not how much it matters."""

LEAST_PLAUSIBLE: Final = 0.01
"""Confidence of an intention that was judged not plausible at all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One relationship as it was followed, from the node at hand to the next.

    Attributes:
        start_id: The node at hand.
        type: The relationship's type.
        end_id: The next node.
        forward: Whether it points from start to end.
        relation: RELATED's relation, HAS_INTENTION's relation, MENTIONS' aspect; ABOUT's method.
        confidence: In (0, 1]: HAS_INTENTION its plausibility, at least 0.01, and UNJUDGED where
            nothing judged it; MENTIONS MENTIONED; ABOUT its own; RELATED 1 - 2 ** -weight.
    """

    start_id: str
    type: RelationshipType
    end_id: str
    forward: bool
    relation: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Ends:
    """Which nodes a traversal is to come to.

    Attributes:
        kind: Of this kind; None for any.
        last_type: Those that a best way leads to by this type; None for any.
    """

    kind: NodeKind | None = None
    last_type: RelationshipType | None = None

    @property
    def are_any(self) -> bool:
        """Whether every node will do."""
        return self.kind is None and self.last_type is None

    def want(self, kind: NodeKind, last_type: RelationshipType) -> bool:
        """Whether they want a node of a kind, to which a type of relationship leads."""
        return self.kind in {None, kind} and self.last_type in {None, last_type}


ANY_ENDS: Final = Ends()


@dataclass(frozen=True, slots=True)
class Hops:
    """How far, and along what, a traversal goes.

    Attributes:
        most: Most hops, 1 to 6.
        types: Relationship types to follow; empty follows all.
        relations: Where not empty, RELATED is followed along these only.
        fan_out: Most relationships of one type and direction followed from one node: the ones
            with the greatest confidence, ties by the least rank of the next node's id
            (schema.text.rank_of). Parallel relationships to one node (several runs, sources or
            relations) count as one: the one with the greatest confidence, then the least relation.
        frontier: Most nodes carried from one hop to the next: those whose best way there has the
            greatest product of confidences (rounded to 12 digits), ties by the least rank.
        ends: Of the nodes that the last hop reaches, only these are kept, as many as the frontier
            holds; a way that is within 1e-9 as sure as the best counts as a best one.
        timeout_s: Longest time; what was found by then is returned, marked as cut.
        where: Only posts and intentions that pass are seen, the start among them; a start that
            does not pass is seen alone.
    """

    most: int
    types: frozenset[RelationshipType] = frozenset()
    relations: frozenset[str] = frozenset()
    fan_out: int = 100
    frontier: int = 100
    timeout_s: float = 2.0
    where: Filter = EVERYTHING
    ends: Ends = ANY_ENDS


@dataclass(frozen=True, slots=True)
class Subgraph:
    """What a traversal saw.

    Attributes:
        start_id: Where it began.
        steps: By node that was expanded, the steps from it, by falling confidence, then rising
            rank of the end, then type and direction. Nodes stand in the order of expansion.
        hops: Every node that was reached, with the least number of hops to it; the start is 0.
        cut: Why something was left out: ``fan_out``, ``frontier``, ``time``; empty if nothing was.
    """

    start_id: str
    steps: Mapping[str, tuple[Step, ...]]
    hops: Mapping[str, int]
    cut: frozenset[str] = frozenset()
