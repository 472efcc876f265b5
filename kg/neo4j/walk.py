"""Traversal: in one statement where nothing is filtered, else each way of a hop is one."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import Final, LiteralString

from anyio import CancelScope, move_on_after

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


async def traverse(database: Database, start_id: str, hops: Hops, planned: set[int]) -> Subgraph:
    """Walk breadth first from a node (GraphStore.traverse).

    Args:
        database: Where.
        start_id: The node.
        hops: How far.
        planned: Numbers of hops whose statement the server has planned; this one's is added once
            it was answered. To plan it takes the server up to some seconds, once, which are not the
            traversal's.
    """
    deadline, share_s = time.monotonic() + hops.timeout_s, hops.timeout_s / 2
    if hops.where.is_empty and hops.most in AHEAD and hops.timeout_s >= SHORTEST_S:
        limit_s = share_s if hops.most in planned else None
        found = await _ahead(database, start_id, hops, limit_s)
        planned.add(hops.most)
        if found is not None:
            return found
    deadline = max(deadline, time.monotonic() + share_s)
    return await _step_by_step(database, start_id, hops, deadline)


async def _ahead(
    database: Database, start_id: str, hops: Hops, limit_s: float | None
) -> Subgraph | None:
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


async def _step_by_step(database: Database, start_id: str, hops: Hops, deadline: float) -> Subgraph:
    """Walk in as many statements as there are ways out of each hop's nodes.

    Where the time is out in the midst of a statement, what those before it found is returned.
    """
    asked: dict[str, object] = {
        **parameters(hops.where),
        "only": sorted(hops.relations),
        "mentioned": MENTIONED,
        "most": hops.fan_out + 1,
    }
    passes = await database.read(lambda t: _is_seen(t, start_id, hops, asked))
    ways = {
        kind: [way for way in own if not hops.types or way.type in hops.types]
        for kind, own in WAYS.items()
    }

    def begun() -> tuple[Walk[str], Iterator[list[str]]]:
        walk = Walk(hops, {start_id: 1.0} if passes else {}, {start_id: 0})
        return walk, walk.rounds(deadline)

    walk, rounds = begun()

    async def walked(transaction: Transaction) -> None:
        nonlocal walk, rounds
        walk, rounds = begun()  # a transaction that is tried again begins anew
        for some in rounds:
            await _expand(transaction, walk, some, ways, asked)

    with CancelScope(deadline=deadline) as limit:
        await database.read(walked)
    if limit.cancelled_caught:
        walk.cut.add("time")
        for _ in rounds:  # takes in what was found of the hop
            pass
    names = {node: node for node in walk.hops}
    return walk.subgraph(start_id, names, lambda node: ways[kind_of(node)], relation_of)


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
    return hops.where.is_empty or bool(await transaction.rows(PASSING[kind], id=start_id, **asked))


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
