"""Deleting a post with what nothing else holds, and remembering that it was deleted."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, LiteralString

from kg.deletion import (
    Deletion,
    DeletionRequest,
    Stayed,
    new_salt,
    parted,
    refuse_deleted,
    tombstone,
)
from kg.sqlite import changes, read
from kg.sqlite.meta import keep_last_key, meta, set_meta
from kg.sqlite.rows import as_json, keys_of
from kg.sqlite.tables import TABLE
from schema.errors import UnknownIdError
from schema.graph import Batch, named
from schema.nodes import NodeKind, Post, Run

SALT: Final = "deleted_salt"
DELETED: Final = "deleted."
"""How the name begins under which ``meta`` remembers a post; the value is the time."""

INTENTIONS: Final[LiteralString] = """
WITH own (intention) AS MATERIALIZED (
    SELECT intention FROM has_intention WHERE post = :post
    UNION SELECT intention FROM judgement WHERE post = :post
), others (intention, post) AS (
    SELECT h.intention, h.post FROM own JOIN has_intention AS h ON h.intention = own.intention
    UNION SELECT g.intention, g.post FROM judgement AS g WHERE g.intention IN own
)
SELECT n.id, count(o.post), 0, 0
FROM own JOIN intention AS n ON n.key = own.intention
LEFT JOIN others AS o ON o.intention = n.key AND o.post <> :post
GROUP BY n.key
"""
CONCEPTS: Final[LiteralString] = """
WITH gone (intention) AS MATERIALIZED (SELECT value FROM json_each(:gone)),
own (concept) AS (
    SELECT concept FROM mentions WHERE post = :post
    UNION SELECT concept FROM about WHERE intention IN gone
)
SELECT n.id,
    (SELECT count(DISTINCT m.post) FROM mentions AS m
        WHERE m.concept = n.key AND m.post <> :post),
    (SELECT count(DISTINCT a.intention) FROM about AS a
        WHERE a.concept = n.key AND a.intention NOT IN gone),
    (SELECT count(*) FROM related AS r WHERE r.head = n.key)
        + (SELECT count(*) FROM related AS r WHERE r.tail = n.key)
FROM own JOIN concept AS n ON n.key = own.concept
"""
RUNS: Final[LiteralString] = """
SELECT r.id FROM json_each(?) AS j JOIN run AS r ON r.id = j.value
WHERE NOT EXISTS (SELECT 1 FROM has_intention WHERE r.key IN (run, estimator))
    AND NOT EXISTS (SELECT 1 FROM mentions WHERE run = r.key)
"""


def delete_post(connection: sqlite3.Connection, request: DeletionRequest) -> Deletion:
    """Delete a post within the transaction at hand (GraphStore.delete_post)."""
    post, key = _there(connection, request.post_id)
    before = changes.version(connection)
    kept, intentions = parted(Stayed(*row) for row in connection.execute(INTENTIONS, {"post": key}))
    intention_keys = _keys(connection, NodeKind.INTENTION, intentions)
    asked = {"post": key, "gone": as_json(intention_keys)}
    kept_concepts, concepts = parted(Stayed(*row) for row in connection.execute(CONCEPTS, asked))
    concept_keys = _keys(connection, NodeKind.CONCEPT, concepts)
    removed = _contents(connection, post, [i.id for i in intentions], [c.id for c in concepts])
    _delete_relationships(connection, key, intention_keys)
    _delete_facets(connection, key, post)
    embeddings = sum(
        _delete_nodes(connection, kind, keys)
        for kind, keys in (
            (NodeKind.POST, [key]),
            (NodeKind.INTENTION, intention_keys),
            (NodeKind.CONCEPT, concept_keys),
        )
    )
    runs = _delete_runs(connection, removed)
    removed = replace(removed, runs=runs)
    changes.log_relationships(connection)
    _remember(connection, request)
    return Deletion(
        request.time,
        before,
        changes.version(connection),
        removed,
        embeddings,
        tuple(sorted((*kept, *kept_concepts), key=lambda one: one.id)),
    )


def deleted(connection: sqlite3.Connection, post_ids: Sequence[str]) -> list[str | None]:
    """Return when posts were deleted (GraphStore.deleted)."""
    salt = meta(connection, SALT)
    if salt is None:
        return [None] * len(post_ids)
    names = [DELETED + tombstone(salt, post_id) for post_id in post_ids]
    rows = connection.execute(
        "SELECT name, value FROM meta WHERE name IN (SELECT value FROM json_each(?))",
        (as_json(names),),
    )
    times = dict(rows.fetchall())
    return [times.get(name) for name in names]


def require_not_deleted(connection: sqlite3.Connection, post_ids: Sequence[str]) -> None:
    """Refuse posts that were deleted.

    Raises:
        DeletedPostError: One was.
    """
    refuse_deleted(post_ids, deleted(connection, post_ids))


def allow_deleted(connection: sqlite3.Connection, post_ids: Sequence[str]) -> int:
    """Forget that posts were deleted (GraphStore.allow_deleted)."""
    salt = meta(connection, SALT)
    if salt is None:
        return 0
    names = [(DELETED + tombstone(salt, post_id),) for post_id in set(post_ids)]
    return max(0, connection.executemany("DELETE FROM meta WHERE name = ?", names).rowcount)


def _there(connection: sqlite3.Connection, post_id: str) -> tuple[Post, int]:
    (post,) = read.posts(connection, [post_id])
    if post is None:
        require_not_deleted(connection, [post_id])
        raise UnknownIdError(post_id)
    return post, keys_of(connection, TABLE[NodeKind.POST], [post_id])[post_id]


def _keys(connection: sqlite3.Connection, kind: NodeKind, nodes: Sequence[Stayed]) -> list[int]:
    return list(keys_of(connection, TABLE[kind], [node.id for node in nodes]).values())


def _contents(
    connection: sqlite3.Connection, post: Post, intentions: Sequence[str], concepts: Sequence[str]
) -> Batch:
    (held,) = read.intentions_of(connection, [post.id], ())
    (mentioned,) = read.mentions_of(connection, [post.id])
    (judgements,) = read.judgements_of(connection, [post.id])
    linked = read.about_of(connection, intentions)
    return Batch(
        posts=(post,),
        intentions=tuple(i for i in read.intentions(connection, intentions) if i is not None),
        concepts=tuple(c for c in read.concepts(connection, concepts) if c is not None),
        has_intention=tuple(one.has for one in held),
        judgements=tuple(judgements),
        mentions=tuple(one.mentions for one in mentioned),
        about=tuple(link.about for own in linked for link in own),
    )


def _delete_relationships(
    connection: sqlite3.Connection, post: int, intentions: Sequence[int]
) -> None:
    for statement in (
        "DELETE FROM has_intention WHERE post = ?",
        "DELETE FROM judgement WHERE post = ?",
        "DELETE FROM mentions WHERE post = ?",
    ):
        connection.execute(statement, (post,))
    rows = [(intention,) for intention in intentions]
    connection.executemany("DELETE FROM about WHERE intention = ?", rows)


def _delete_facets(connection: sqlite3.Connection, key: int, post: Post) -> None:
    connection.executemany(
        "DELETE FROM post_label WHERE name = ? AND value = ? AND post = ?",
        [(name, value, key) for name, value in post.labels.items()],
    )
    connection.executemany(
        "DELETE FROM post_hashtag WHERE tag = ? AND post = ?",
        [(tag, key) for tag in post.hashtags],
    )


def _delete_nodes(connection: sqlite3.Connection, kind: NodeKind, keys: Sequence[int]) -> int:
    """Delete nodes with their embeddings; return how many of these there were."""
    rows, table = [(key,) for key in keys], TABLE[kind]
    keep_last_key(connection, table)
    embedded = connection.executemany(f"DELETE FROM {table}_embedding WHERE key = ?", rows).rowcount
    connection.executemany(f"DELETE FROM {table} WHERE key = ?", rows)
    changes.log(connection, kind, keys)
    if embedded > 0:
        changes.log(connection, f"{kind}.embedding", keys)
    return max(0, embedded)


def _delete_runs(connection: sqlite3.Connection, removed: Batch) -> tuple[Run, ...]:
    """Delete the runs that nothing names any more; return them."""
    named_runs = as_json(sorted(named(removed).runs))
    ids = sorted(row[0] for row in connection.execute(RUNS, (named_runs,)))
    runs = tuple(run for run in read.runs(connection, ids) if run is not None)
    keep_last_key(connection, "run")
    connection.executemany("DELETE FROM run WHERE id = ?", [(run_id,) for run_id in ids])
    return runs


def _remember(connection: sqlite3.Connection, request: DeletionRequest) -> None:
    salt = meta(connection, SALT)
    if salt is None:
        salt = new_salt()
        set_meta(connection, SALT, salt)
    set_meta(connection, DELETED + tombstone(salt, request.post_id), request.time)
