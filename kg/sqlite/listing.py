"""Nodes in rows: by rising id, by change, by lack of an embedding."""

import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice
from typing import Final, LiteralString

from kg.sqlite import changes
from kg.sqlite.rows import as_json
from kg.sqlite.selected import Selected
from kg.sqlite.tables import TABLE
from kg.store import Page
from schema.nodes import NodeKind

SORTED_LIMIT: Final = 20_000
"""Where no more nodes than this pass a filter, they are sorted; else the ids are gone through."""

TEXT: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "iif(trim(n.text, char(32, 9, 10, 11, 12, 13)) = '', n.image_description, "
    "n.text)",
    NodeKind.INTENTION: "n.text",
    NodeKind.CONCEPT: "n.text",
}


def ids(
    connection: sqlite3.Connection,
    kind: NodeKind,
    selected: Selected | None,
    *,
    after: str,
    limit: int,
) -> Page:
    """Return a page of ids by rising id (GraphStore.ids)."""
    if selected is None:
        sql = f"SELECT id FROM {TABLE[kind]} WHERE id > ? ORDER BY id LIMIT ?"
        found = [row[0] for row in connection.execute(sql, (after, limit + 1))]
    elif len(selected.keys) <= SORTED_LIMIT:
        sql = (
            f"SELECT n.id FROM json_each(?) AS j JOIN {TABLE[kind]} AS n ON n.key = j.value "
            "WHERE n.id > ? ORDER BY n.id LIMIT ?"
        )
        keys = as_json(selected.keys.tolist())
        found = [row[0] for row in connection.execute(sql, (keys, after, limit + 1))]
    else:
        passing = set(selected.keys.tolist())
        sql = f"SELECT id, key FROM {TABLE[kind]} WHERE id > ? ORDER BY id"
        rows = connection.execute(sql, (after,))
        found = list(islice((i for i, key in rows if key in passing), limit + 1))
    return Page(tuple(found[:limit]), more=len(found) > limit)


def run_ids(connection: sqlite3.Connection, *, after: str, limit: int) -> Page:
    """Return a page of ids of runs by rising id (GraphStore.run_ids)."""
    sql = "SELECT id FROM run WHERE id > ? ORDER BY id LIMIT ?"
    found = [row[0] for row in connection.execute(sql, (after, limit + 1))]
    return Page(tuple(found[:limit]), more=len(found) > limit)


def changed(
    connection: sqlite3.Connection, kind: NodeKind, *, since: int, after: str, limit: int
) -> list[tuple[str, str]]:
    """Return (id, text) of nodes written after a version, by rising id (GraphStore.changed)."""
    ranges = changes.since(connection, kind, since)
    if sum(last - first + 1 for first, last in ranges) > SORTED_LIMIT:
        sql = f"SELECT id, text, key FROM {TABLE[kind]} WHERE id > ? ORDER BY id"
        firsts = [first for first, _ in ranges]
        rows = connection.execute(sql, (after,))
        written = ((i, text) for i, text, key in rows if _is_inside(key, firsts, ranges))
        return list(islice(written, limit))
    sql = f"""
    SELECT n.id, n.text FROM json_each(?) AS j
    JOIN {TABLE[kind]} AS n ON n.key BETWEEN j.value ->> 0 AND j.value ->> 1
    WHERE n.id > ? ORDER BY n.id LIMIT ?
    """
    return connection.execute(sql, (as_json(ranges), after, limit)).fetchall()


def _is_inside(key: int, firsts: list[int], ranges: Sequence[tuple[int, int]]) -> bool:
    place = bisect_right(firsts, key) - 1
    return place >= 0 and key <= ranges[place][1]


def unembedded(connection: sqlite3.Connection, kind: NodeKind, limit: int) -> list[tuple[str, str]]:
    """Return (id, text to embed) of nodes without an embedding, by rising key."""
    table = TABLE[kind]
    sql = f"""
    SELECT n.id, {TEXT[kind]} FROM {table} AS n
    WHERE NOT EXISTS (SELECT 1 FROM {table}_embedding AS e WHERE e.key = n.key)
    ORDER BY n.key LIMIT ?
    """
    return connection.execute(sql, (limit,)).fetchall()
