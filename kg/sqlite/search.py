"""Nearest and matching nodes: candidates from a derived index, put in their total order."""

import sqlite3
from collections.abc import Sequence
from typing import Final

import numpy as np

from kg.columns.places import RELATION_PLACE
from kg.embeddings import ranked
from kg.plan import SearchPlan, Strategy
from kg.sqlite.derived import Derived
from kg.sqlite.rows import as_json, ids_of
from kg.sqlite.tables import TABLE
from kg.store import Match, Near, Vector
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind

SLACK: Final = 16
"""Candidates beyond k: an index orders by inner products of rounded vectors, not by cosine."""


def count(derived: Derived, connection: sqlite3.Connection, kind: NodeKind, where: Filter) -> int:
    """Return how many nodes pass (GraphStore.count)."""
    selected = derived.selected(connection, kind, where)
    if selected is not None:
        return len(selected.keys)
    (rows,) = connection.execute(f"SELECT count(*) FROM {TABLE[kind]}").fetchone()
    return rows


def nearest(
    derived: Derived,
    connection: sqlite3.Connection,
    kind: NodeKind,
    query: Vector,
    k: int,
    where: Filter,
) -> list[Near]:
    """Return the k nearest (GraphStore.nearest), widening while the last may tie with others."""
    index = derived.vectors(connection, kind)
    selected = derived.selected(connection, kind, where)
    wanted = k + SLACK
    while True:
        keys = [key for key, _ in index.nearest(connection, query, wanted, selected)]
        near = _by_cosine(connection, kind, query, keys)
        # Another thread may have caught the index up to more than this transaction sees: of such
        # keys no similarity comes back.
        is_all = len(keys) < wanted
        if is_all or (len(near) >= k and near[k - 1].similarity > near[-1].similarity):
            return near[:k]
        wanted *= 2


def plan(
    derived: Derived, connection: sqlite3.Connection, kind: NodeKind, k: int, where: Filter
) -> SearchPlan:
    """Say how the k nearest are found (GraphStore.plan); what passes is known, not estimated."""
    index = derived.vectors(connection, kind)
    strategy = index.strategy(derived.selected(connection, kind, where))
    asked = k + SLACK if strategy is Strategy.INDEX else 0
    nodes = count(derived, connection, kind, EVERYTHING)
    return SearchPlan(strategy, nodes, count(derived, connection, kind, where), asked)


def _by_cosine(
    connection: sqlite3.Connection, kind: NodeKind, query: Vector, keys: Sequence[int]
) -> list[Near]:
    table = TABLE[kind]
    rows = connection.execute(
        f"SELECT n.id, e.embedding FROM json_each(?) AS j "
        f"JOIN {table} AS n ON n.key = j.value JOIN {table}_embedding AS e ON e.key = n.key",
        (as_json(keys),),
    ).fetchall()
    if not rows:
        return []
    halves = np.frombuffer(b"".join(row[1] for row in rows), np.float16)
    return ranked([row[0] for row in rows], halves.reshape(len(rows), -1), query)


def match(
    derived: Derived,
    connection: sqlite3.Connection,
    kind: NodeKind,
    text: str,
    k: int,
    where: Filter,
) -> list[Match]:
    """Return the k best matches (GraphStore.match), widening while fewer are seen."""
    index = derived.words(connection, kind)
    relations: list[int] = []
    selected = None
    if kind is NodeKind.INTENTION and where.only_relations:
        relations = [RELATION_PLACE[relation] for relation in where.relations]
    else:
        selected = derived.selected(connection, kind, where)
    limit = k
    while True:
        hits = index.match(text, limit, relations=relations, selected=selected)
        ids = ids_of(connection, kind, [key for key, _ in hits])
        if len(hits) < limit or len(ids) >= k:
            break
        limit *= 2  # of keys that only a later transaction sees no id comes back
    matches = [Match(ids[key], relevance) for key, relevance in hits if key in ids]
    return sorted(matches, key=lambda hit: (-hit.relevance, hit.id))[:k]
