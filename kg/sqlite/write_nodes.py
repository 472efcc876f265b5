"""Writing nodes: new ones get rising keys; those that are there take what the new ones add."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import LiteralString, Protocol, TypeVar

import orjson

from kg.columns.places import RELATION_PLACE
from kg.merging import merge, merged_by_id
from kg.sqlite import changes
from kg.sqlite.delete import require_not_deleted
from kg.sqlite.meta import last_key
from kg.sqlite.rows import POST_COLUMNS, as_json, post_of, post_values
from kg.sqlite.tables import KIND_PLACE
from schema.nodes import Concept, Intention, NodeKind, Post, Run
from schema.text import rank_of


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


Node = TypeVar("Node", bound=_Identified)


def put_runs(connection: sqlite3.Connection, runs: Sequence[Run], keys: dict[str, int]) -> int:
    """Write the runs that ``keys`` lacks, add their keys to it, return how many."""
    rows = [
        (key, run.id, orjson.dumps(_body(run)).decode())
        for key, run in _numbered(connection, "run", runs, keys)
    ]
    connection.executemany("INSERT INTO run (key, id, body) VALUES (?, ?, ?)", rows)
    return len(rows)


def put_intentions(
    connection: sqlite3.Connection, intentions: Sequence[Intention], keys: dict[str, int]
) -> int:
    """Write the intentions that ``keys`` lacks, add their keys to it, return how many."""
    rows = [
        (key, i.id, rank_of(i.id), RELATION_PLACE[i.relation], i.text)
        for key, i in _numbered(connection, "intention", intentions, keys)
    ]
    connection.executemany(
        "INSERT INTO intention (key, id, rank, relation, text) VALUES (?, ?, ?, ?, ?)", rows
    )
    changes.log(connection, NodeKind.INTENTION, (row[0] for row in rows))
    return len(rows)


def put_concepts(
    connection: sqlite3.Connection, concepts: Sequence[Concept], keys: dict[str, int]
) -> int:
    """Write concepts, raise the kind of those that are there; return how many changed."""
    kinds: dict[str, int] = {}
    for concept in concepts:
        kinds[concept.id] = max(kinds.get(concept.id, 0), KIND_PLACE[concept.kind])
    there = [(place, keys[i], place) for i, place in kinds.items() if place and i in keys]
    raised = connection.executemany(
        "UPDATE concept SET kind = ? WHERE key = ? AND kind < ?", there
    ).rowcount
    if raised:
        changes.log_relationships(connection)
    rows = [
        (key, c.id, rank_of(c.id), kinds[c.id], c.text)
        for key, c in _numbered(connection, "concept", concepts, keys)
    ]
    connection.executemany(
        "INSERT INTO concept (key, id, rank, kind, text) VALUES (?, ?, ?, ?, ?)", rows
    )
    changes.log(connection, NodeKind.CONCEPT, (row[0] for row in rows))
    return len(rows) + raised


def put_posts(connection: sqlite3.Connection, posts: Sequence[Post], keys: dict[str, int]) -> int:
    """Write posts, merge those that are there; return how many are new or changed.

    Raises:
        TextConflictError: An id is taken by another text.
        DeletedPostError: A new one was deleted.
    """
    merged = merged_by_id(posts)
    require_not_deleted(connection, [i for i in merged if i not in keys])
    held = _held_posts(connection, [i for i in merged if i in keys])
    joined = [(held[i], merge(held[i], merged[i])) for i in held]
    changed = [(old, new) for old, new in joined if old != new]
    added = list(_numbered(connection, "post", list(merged.values()), keys))
    connection.executemany(
        "INSERT INTO post (image_description, images, hashtags, labels, key, id, rank, source, "
        "text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*post_values(p), key, p.id, rank_of(p.id), p.source, p.text) for key, p in added],
    )
    connection.executemany(
        "UPDATE post SET image_description = ?, images = ?, hashtags = ?, labels = ? WHERE key = ?",
        [(*post_values(new), keys[new.id]) for _, new in changed],
    )
    _drop_labels(connection, [(keys[old.id], old) for old, _ in changed])
    written = [(keys[new.id], new) for _, new in changed] + added
    _put_facets(connection, written)
    changes.log(connection, NodeKind.POST, (key for key, _ in written))
    return len(written)


def _drop_labels(connection: sqlite3.Connection, posts: Iterable[tuple[int, Post]]) -> None:
    rows = [(name, value, key) for key, post in posts for name, value in post.labels.items()]
    connection.executemany("DELETE FROM post_label WHERE name = ? AND value = ? AND post = ?", rows)


def _put_facets(connection: sqlite3.Connection, posts: Sequence[tuple[int, Post]]) -> None:
    """Write what filters look up."""
    labels = [(name, value, key) for key, post in posts for name, value in post.labels.items()]
    hashtags = [(tag, key) for key, post in posts for tag in post.hashtags]
    connection.executemany(
        "INSERT OR IGNORE INTO post_label (name, value, post) VALUES (?, ?, ?)", labels
    )
    connection.executemany("INSERT OR IGNORE INTO post_hashtag (tag, post) VALUES (?, ?)", hashtags)


def _body(run: Run) -> dict[str, str]:
    return {name: getattr(run, name) for name in Run.__slots__ if name != "id"}


def _numbered(
    connection: sqlite3.Connection,
    table: LiteralString,
    nodes: Iterable[Node],
    keys: dict[str, int],
) -> Iterator[tuple[int, Node]]:
    """Give each node that has no key the next one, and remember it."""
    key = last_key(connection, table)
    for node in nodes:
        if node.id not in keys:
            key += 1
            keys[node.id] = key
            yield key, node


def _held_posts(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Post]:
    sql = f"SELECT {POST_COLUMNS} FROM json_each(?) AS j JOIN post AS n ON n.id = j.value"
    posts = (post_of(row) for row in connection.execute(sql, (as_json(ids),)))
    return {post.id: post for post in posts}
