"""Deleting a post with what nothing else holds, and remembering that it was deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, LiteralString

from kg.deletion import (
    Deletion,
    DeletionRequest,
    Stayed,
    new_salt,
    parted,
    refuse_deleted,
    tombstone,
)
from kg.neo4j import meta, read
from kg.neo4j.database import Row, Transaction
from kg.neo4j.rows import LABEL
from schema.errors import UnknownIdError
from schema.graph import Batch, named
from schema.nodes import NodeKind, Post, Run

INTENTIONS: Final[LiteralString] = """
MATCH (p:Post {id: $post})-[:HAS_INTENTION|JUDGED]->(n:Intention) USING INDEX SEEK p:Post(id)
WITH DISTINCT p, n
OPTIONAL MATCH (n)<-[:HAS_INTENTION|JUDGED]-(o:Post) WHERE o <> p
RETURN n.id AS id, count(DISTINCT o) AS posts, 0 AS intentions, 0 AS related
"""
CONCEPTS: Final[LiteralString] = """
MATCH (p:Post {id: $post}) USING INDEX SEEK p:Post(id)
WITH p, COLLECT { MATCH (p)-[:MENTIONS]->(c:Concept) RETURN DISTINCT c } + COLLECT {
    UNWIND $gone AS id MATCH (i:Intention {id: id})-[:ABOUT]->(c:Concept)
    USING INDEX SEEK i:Intention(id) RETURN DISTINCT c
} AS own
UNWIND own AS n WITH DISTINCT p, n
RETURN n.id AS id,
    COUNT { MATCH (n)<-[:MENTIONS]-(o:Post) WHERE o <> p RETURN DISTINCT o } AS posts,
    COUNT { MATCH (n)<-[:ABOUT]-(i:Intention) WHERE NOT i.id IN $gone RETURN DISTINCT i }
        AS intentions,
    COUNT { (n)-[:RELATED]->() } + COUNT { (n)<-[:RELATED]-() } AS related
"""
RUNS: Final[LiteralString] = """
UNWIND $runs AS id
WITH id WHERE NOT EXISTS { MATCH (:Post)-[r:HAS_INTENTION]->(:Intention)
    WHERE r.run = id OR r.estimator = id }
    AND NOT EXISTS { MATCH (:Post)-[r:MENTIONS]->(:Concept) WHERE r.run = id }
RETURN id
"""
DELETE: Final[dict[NodeKind, LiteralString]] = {
    kind: "UNWIND $ids AS id MATCH (n:" + LABEL[kind] + " {id: id}) "
    "USING INDEX SEEK n:" + LABEL[kind] + "(id) WITH n, n.embedding IS NOT NULL AS embedded "
    "DETACH DELETE n RETURN sum(CASE WHEN embedded THEN 1 ELSE 0 END) AS embeddings"
    for kind in NodeKind
}
DELETE_RUNS: Final[LiteralString] = (
    "UNWIND $ids AS id MATCH (n:Run {id: id}) USING INDEX SEEK n:Run(id) DELETE n"
)
SALT: Final[LiteralString] = "MATCH (g:Graph {id: 'graph'}) RETURN g.deleted_salt AS salt"
KEEP_SALT: Final[LiteralString] = "MATCH (g:Graph {id: 'graph'}) SET g.deleted_salt = $salt"
REMEMBER: Final[LiteralString] = "MERGE (d:Deleted {id: $id}) SET d.time = $time, d.order = $number"
DELETED: Final[LiteralString] = (
    "MATCH (d:Deleted) WHERE d.id IN $ids RETURN d.id AS id, d.time AS time, d.order AS number"
)
ALLOW: Final[LiteralString] = (
    "MATCH (d:Deleted) WHERE d.id IN $ids DELETE d RETURN count(d) AS allowed"
)
LEFT: Final = (
    "the server's transaction logs hold what was written until they are pruned "
    "(db.tx_log.rotation.retention_policy), and so do its backups",
    "the database's files hold deleted records until their place is taken: `miko copy` to a new "
    "database leaves them behind",
    "a full-text index holds the words of what was deleted until Lucene merges its segments: "
    "`miko reindex` builds it anew",
)
"""What Neo4j keeps, and no statement clears (GraphStore.purge)."""


async def delete_post(transaction: Transaction, request: DeletionRequest) -> Deletion:
    """Delete a post within the transaction at hand (GraphStore.delete_post)."""
    version = await meta.lock(transaction)
    post = await _there(transaction, request.post_id)
    kept, intentions = parted(Stayed(**r) for r in await transaction.rows(INTENTIONS, post=post.id))
    asked: dict[str, Any] = {"post": post.id, "gone": [one.id for one in intentions]}
    kept_concepts, concepts = parted(Stayed(**r) for r in await transaction.rows(CONCEPTS, **asked))
    gone = {
        NodeKind.POST: [post.id],
        NodeKind.INTENTION: asked["gone"],
        NodeKind.CONCEPT: [one.id for one in concepts],
    }
    removed = await _contents(transaction, post, gone)
    embeddings = 0
    for kind, ids in gone.items():
        embeddings += int((await transaction.row(DELETE[kind], ids=ids))["embeddings"])
    runs = await _delete_runs(transaction, removed)
    await _remember(transaction, request)
    await meta.written(transaction, version)
    return Deletion(
        request.time,
        version - 1,
        version,
        replace(removed, runs=runs),
        embeddings,
        tuple(sorted((*kept, *kept_concepts), key=lambda one: one.id)),
    )


async def deleted(transaction: Transaction, post_ids: Sequence[str]) -> list[str | None]:
    """Return when posts were deleted (GraphStore.deleted)."""
    found = await _tombstones(transaction, post_ids)
    return [None if row is None else str(row["time"]) for row in found]


async def is_carried_out(transaction: Transaction, request: DeletionRequest) -> bool:
    """Whether this very request deleted its post."""
    (found,) = await _tombstones(transaction, [request.post_id])
    return found is not None and found["number"] == request.number


async def require_not_deleted(transaction: Transaction, post_ids: Sequence[str]) -> None:
    """Refuse posts that were deleted.

    Raises:
        DeletedPostError: One was.
    """
    refuse_deleted(post_ids, await deleted(transaction, post_ids))


async def allow_deleted(transaction: Transaction, post_ids: Sequence[str]) -> int:
    """Forget that posts were deleted (GraphStore.allow_deleted)."""
    await meta.lock(transaction)
    salt = (await transaction.row(SALT))["salt"]
    if salt is None:
        return 0
    ids = [tombstone(salt, post_id) for post_id in post_ids]
    return int((await transaction.row(ALLOW, ids=ids))["allowed"])


async def _tombstones(transaction: Transaction, post_ids: Sequence[str]) -> list[Row | None]:
    rows = await transaction.rows(SALT)
    salt = rows[0]["salt"] if rows else None
    if salt is None or not post_ids:
        return [None] * len(post_ids)
    ids = [tombstone(salt, post_id) for post_id in post_ids]
    found = {row["id"]: row for row in await transaction.rows(DELETED, ids=ids)}
    return [found.get(one) for one in ids]


async def _there(transaction: Transaction, post_id: str) -> Post:
    (post,) = await read.posts(transaction, [post_id])
    if post is None:
        await require_not_deleted(transaction, [post_id])
        raise UnknownIdError(post_id)
    return post


async def _contents(
    transaction: Transaction, post: Post, gone: Mapping[NodeKind, Sequence[str]]
) -> Batch:
    (held,) = await read.intentions_of(transaction, [post.id], ())
    (mentioned,) = await read.mentions_of(transaction, [post.id])
    (judgements,) = await read.judgements_of(transaction, [post.id])
    linked = await read.about_of(transaction, gone[NodeKind.INTENTION])
    intentions = await read.intentions(transaction, gone[NodeKind.INTENTION])
    concepts = await read.concepts(transaction, gone[NodeKind.CONCEPT])
    return Batch(
        posts=(post,),
        intentions=tuple(i for i in intentions if i is not None),
        concepts=tuple(c for c in concepts if c is not None),
        has_intention=tuple(one.has for one in held),
        judgements=tuple(judgements),
        mentions=tuple(one.mentions for one in mentioned),
        about=tuple(link.about for own in linked for link in own),
    )


async def _delete_runs(transaction: Transaction, removed: Batch) -> tuple[Run, ...]:
    """Delete the runs that nothing names any more; return them."""
    named_runs = sorted(named(removed).runs)
    ids = sorted(row["id"] for row in await transaction.rows(RUNS, runs=named_runs))
    runs = tuple(run for run in await read.runs(transaction, ids) if run is not None)
    await transaction.rows(DELETE_RUNS, ids=ids)
    return runs


async def _remember(transaction: Transaction, request: DeletionRequest) -> None:
    salt = (await transaction.row(SALT))["salt"]
    if salt is None:
        salt = new_salt()
        await transaction.rows(KEEP_SALT, salt=salt)
    digest = tombstone(salt, request.post_id)
    await transaction.rows(REMEMBER, id=digest, time=request.time, number=request.number)
