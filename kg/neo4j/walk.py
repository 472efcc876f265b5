"""Traversal: in one statement where nothing is filtered, else each way of a hop is one."""

import time
from collections.abc import Iterator, Mapping, Sequence, Sized
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final, LiteralString, Self

from anyio import CancelScope, move_on_after

from kg.breadth_first import Arc, Walk
from kg.hops import MENTIONED, Hops, Subgraph
from kg.neo4j.database import Database, Transaction
from kg.neo4j.plans import Plans
from kg.neo4j.rows import LABEL
from kg.neo4j.selection import asked_of, fitted
from kg.neo4j.walk_ahead import AHEAD, subgraph
from kg.neo4j.walk_ahead import parameters as parameters_ahead
from kg.neo4j.ways import SEEN, WAYS, Way, less, relation_of
from schema.errors import TimeLimitError, UnknownIdError
from schema.nodes import NodeKind, kind_of

SHORTEST_S: Final = 0.05
"""With less time than this, steps are made one by one: a statement is stopped whole.

It is stopped from here, by leaving it: a server looks at the limits of its transactions every two
seconds, and ends those whose connection is closed at once.
"""

THERE: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + " {id: $id}) RETURN n.id AS id" for kind in NodeKind
}
PASSING: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + " {id: $id}) WHERE " + SEEN[kind] + " RETURN n.id AS id"
    for kind in NodeKind
}


async def traverse(database: Database, start_id: str, hops: Hops, plans: Plans) -> Subgraph:
    """Walk breadth first from a node (GraphStore.traverse).

    Args:
        database: Where.
        start_id: The node.
        hops: How far.
        plans: The statements that the server has planned; to plan those of this traversal, once,
            may take time besides its own.
    """
    deadline, share_s = time.monotonic() + hops.timeout_s, hops.timeout_s / 2
    if hops.where.is_empty and hops.most in AHEAD and hops.timeout_s >= SHORTEST_S:
        found = await _ahead(database, start_id, hops, share_s + plans.extra_s(hops.most))
        plans.ran(hops.most, in_time=found is not None)
        if found is not None:
            return found
    deadline = max(deadline, time.monotonic() + share_s)
    steps = await _Steps.from_(database, start_id, hops)
    if hops.timeout_s < SHORTEST_S:
        return steps.subgraph(await steps.walked(deadline))
    walk = await steps.walked(deadline + plans.extra_s(steps.form))
    may_be_again = plans.ran(steps.form, in_time="time" not in walk.cut)
    if may_be_again and not any(walk.arcs.values()):
        walk = await steps.walked(time.monotonic() + share_s + plans.extra_s(steps.form))
    return steps.subgraph(walk)


async def _ahead(database: Database, start_id: str, hops: Hops, limit_s: float) -> Subgraph | None:
    """Walk in one statement; None where that takes too long, or does not tell what is asked."""
    statement, asked = AHEAD[hops.most], parameters_ahead(start_id, hops)
    rows = None
    with move_on_after(limit_s), suppress(TimeLimitError):
        rows = await database.read(lambda t: t.rows(statement, **asked))
    if rows is None:
        return None
    if not rows:
        raise UnknownIdError(start_id)
    return subgraph(rows[0], start_id, hops)


@dataclass(frozen=True, slots=True)
class _Steps:
    """A traversal in as many statements as there are ways out of each hop's nodes.

    Attributes:
        database: Where.
        start_id: Where it begins.
        hops: How far it goes.
        ways: The ways that it may follow out of nodes of each kind.
        asked: What its statements ask for.
        passes: Whether the start does.
    """

    database: Database
    start_id: str
    hops: Hops
    ways: Mapping[NodeKind, Sequence[Way]]
    asked: Mapping[str, object]
    passes: bool

    @classmethod
    async def from_(cls, database: Database, start_id: str, hops: Hops) -> Self:
        """Begin at a node.

        Raises:
            UnknownIdError: It is not there.
        """

        async def begun(transaction: Transaction) -> tuple[dict[str, object], bool]:
            asked: dict[str, object] = {
                **(await asked_of(transaction, hops.where)),
                "only": sorted(hops.relations),
                "mentioned": MENTIONED,
                "most": hops.fan_out + 1,
            }
            return asked, await _is_seen(transaction, start_id, hops, asked)

        asked, passes = await database.read(begun)
        ways = {
            kind: [way for way in own if not hops.types or way.type in hops.types]
            for kind, own in WAYS.items()
        }
        return cls(database, start_id, hops, ways, asked, passes)

    @property
    def form(self) -> tuple[object, ...]:
        """What its statements are planned by: the server plans anew for lists of other sizes."""
        sizes = (len(value) for value in self.asked.values() if isinstance(value, Sized))
        asks_run = self.hops.where.asks_run  # the statements are fitted to it
        return (kind_of(self.start_id), self.hops.most, self.hops.types, asks_run, *sizes)

    async def walked(self, deadline: float) -> Walk[str]:
        """Walk; where the time is out in the midst of a statement, as far as those before it."""
        walk, rounds = self._begun(deadline)

        async def work(transaction: Transaction) -> None:
            nonlocal walk, rounds
            walk, rounds = self._begun(deadline)  # a transaction that is tried again begins anew
            for some in rounds:
                await _expand(transaction, walk, some, self.ways, self.asked)

        with CancelScope(deadline=deadline) as limit:
            await self.database.read(work)
        if limit.cancelled_caught:
            walk.cut.add("time")
            for _ in rounds:  # takes in what was found of the hop
                pass
        return walk

    def subgraph(self, walk: Walk[str]) -> Subgraph:
        """Return what a walk saw."""
        return walk.subgraph(self.start_id, {node: node for node in walk.hops}, relation_of)

    def _begun(self, deadline: float) -> tuple[Walk[str], Iterator[list[str]]]:
        frontier = {self.start_id: 1.0} if self.passes else {}
        hops = {self.start_id: 0}
        walk = Walk(self.hops, frontier, hops, lambda node: self.ways[kind_of(node)])
        return walk, walk.rounds(deadline)


async def _is_seen(
    transaction: Transaction, start_id: str, hops: Hops, asked: dict[str, object]
) -> bool:
    """Whether the start passes.

    Raises:
        UnknownIdError: It is not there.
    """
    kind = kind_of(start_id)
    if not await transaction.rows(THERE[kind], id=start_id):
        raise UnknownIdError(start_id)
    if hops.where.is_empty:
        return True
    statement = fitted(PASSING[kind], hops.where)
    return bool(await transaction.rows(statement, id=start_id, **asked))


async def _expand(
    transaction: Transaction,
    walk: Walk[str],
    nodes: Sequence[str],
    ways: Mapping[NodeKind, Sequence[Way]],
    asked: Mapping[str, object],
) -> None:
    """Note the arcs out of some nodes."""
    for kind, own in ways.items():
        some = [node for node in nodes if kind_of(node) is kind]
        for number, way in enumerate(own if some else ()):
            where = walk.bounds.where
            statement = way.follow if where.is_empty else fitted(way.follow_passing, where)
            # A list in a list of one: the server plans anew for lists of other sizes.
            rows = await transaction.listed(statement, ids=[some], **asked)
            for node, ends in groupby(rows, itemgetter("id")):
                arcs: list[Arc[str]] = [
                    (less(way, row["sure"]), row["rank"], number, row["end"], row["relation"])
                    for row in ends
                ]
                if len(arcs) > walk.bounds.fan_out:
                    walk.cut.add("fan_out")
                walk.arcs[node] += arcs[: walk.bounds.fan_out]
