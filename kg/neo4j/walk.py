"""Traversal: in one statement where nothing is filtered, else each way of a hop is one."""

import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import Final, LiteralString

from kg.breadth_first import Arc, Walk
from kg.neo4j.database import Database, Transaction
from kg.neo4j.rows import LABEL
from kg.neo4j.selection import parameters
from kg.neo4j.walk_ahead import AHEAD, subgraph
from kg.neo4j.walk_ahead import parameters as parameters_ahead
from kg.neo4j.ways import SEEN, WAYS, Way, less, relation_of
from kg.store import MENTIONED, Hops, Subgraph
from schema.errors import TimeLimitError, UnknownIdError
from schema.nodes import NodeKind, kind_of

SHORTEST_S: Final = 0.05
"""With less time than this, steps are made one by one: a statement is stopped whole."""

THERE: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + " {id: $id}) RETURN n.id AS id" for kind in NodeKind
}
PASSING: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + " {id: $id}) WHERE " + SEEN[kind] + " RETURN n.id AS id"
    for kind in NodeKind
}


async def traverse(database: Database, start_id: str, hops: Hops, planned: set[int]) -> Subgraph:
    """Walk breadth first from a node (GraphStore.traverse).

    Args:
        database: Where.
        start_id: The node.
        hops: How far.
        planned: Numbers of hops whose statement the server has planned; this one's is added. To
            plan it takes the server up to some seconds, once, which are not the traversal's.
    """
    share_s = hops.timeout_s / 2
    if hops.where.is_empty and hops.most in AHEAD and hops.timeout_s >= SHORTEST_S:
        limit_s = share_s if hops.most in planned else None
        planned.add(hops.most)
        with suppress(TimeLimitError):  # step by step, something is found in any time
            found = await database.read(lambda t: _ahead(t, start_id, hops), limit_s=limit_s)
            if found is not None:
                return found
    deadline = time.monotonic() + share_s
    return await database.read(lambda t: _step_by_step(t, start_id, hops, deadline))


async def _ahead(transaction: Transaction, start_id: str, hops: Hops) -> Subgraph | None:
    """Walk in one round trip; None where that does not tell what is asked."""
    statement = AHEAD[hops.most]
    rows = await transaction.rows(statement, **parameters_ahead(start_id, hops))
    if not rows:
        raise UnknownIdError(start_id)
    return subgraph(rows[0], start_id, hops)


async def _step_by_step(
    transaction: Transaction, start_id: str, hops: Hops, deadline: float
) -> Subgraph:
    """Walk in as many round trips as there are ways out of each hop's nodes."""
    kind = kind_of(start_id)
    there = await transaction.rows(THERE[kind], id=start_id)
    if not there:
        raise UnknownIdError(start_id)
    asked: dict[str, object] = {
        **parameters(hops.where),
        "only": sorted(hops.relations),
        "mentioned": MENTIONED,
        "most": hops.fan_out + 1,
    }
    passes = hops.where.is_empty or await transaction.rows(PASSING[kind], id=start_id, **asked)
    ways = {
        kind: [way for way in own if not hops.types or way.type in hops.types]
        for kind, own in WAYS.items()
    }
    walk = Walk(hops, {start_id: 1.0} if passes else {}, {start_id: 0})
    for some in walk.rounds(deadline):
        await _expand(transaction, walk, some, ways, asked)
    names = {node: node for node in walk.hops}
    return walk.subgraph(start_id, names, lambda node: ways[kind_of(node)], relation_of)


async def _expand(
    transaction: Transaction,
    walk: Walk[str],
    nodes: Sequence[str],
    ways: dict[NodeKind, list[Way]],
    asked: dict[str, object],
) -> None:
    """Note the arcs out of some nodes."""
    for kind, own in ways.items():
        some = [node for node in nodes if kind_of(node) is kind]
        for number, way in enumerate(own if some else ()):
            statement = way.follow if walk.bounds.where.is_empty else way.follow_passing
            rows = await transaction.rows(statement, ids=some, **asked)
            for node, ends in groupby(rows, itemgetter("id")):
                arcs: list[Arc[str]] = [
                    (less(way, row["sure"]), row["rank"], number, row["end"], row["relation"])
                    for row in ends
                ]
                if len(arcs) > walk.bounds.fan_out:
                    walk.cut.add("fan_out")
                walk.arcs[node] += arcs[: walk.bounds.fan_out]
