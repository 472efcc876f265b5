"""The limit of a load: a script that sends the same rows by UNWIND and Vector, and no more.

It reads nothing, merges nothing and takes no lock: given the same rows twice, it fails.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString

import neo4j
from neo4j.vector import Vector as BoltVector

from benchmarks.generated import Block
from kg.analysis import analyzer
from kg.neo4j.rows import labels
from kg.store import UNJUDGED, Vector
from schema.graph import Batch
from schema.nodes import Concept, Intention, Post
from schema.text import rank_of

POSTS: Final[LiteralString] = "UNWIND $rows AS row CREATE (n:Post) SET n = row"
CONCEPTS: Final[LiteralString] = "UNWIND $rows AS row CREATE (n:Concept) SET n = row"
INTENTIONS: Final[LiteralString] = (
    "UNWIND $rows AS row CREATE (n:Intention) SET n = row.values "
    "WITH n, row CALL db.create.setNodeVectorProperty(n, 'embedding', row.embedding)"
)
HAS_INTENTION: Final[LiteralString] = (
    "UNWIND $rows AS row MATCH (s:Post {id: row.start}) USING INDEX SEEK s:Post(id) "
    "MATCH (e:Intention {id: row.end}) USING INDEX SEEK e:Intention(id) "
    "CREATE (s)-[r:HAS_INTENTION]->(e) "
    "SET r = row.values, r.start_order = -s.rank, r.end_order = -e.rank"
)
ABOUT: Final[LiteralString] = (
    "UNWIND $rows AS row MATCH (s:Intention {id: row.start}) USING INDEX SEEK s:Intention(id) "
    "MATCH (e:Concept {id: row.end}) USING INDEX SEEK e:Concept(id) "
    "CREATE (s)-[r:ABOUT]->(e) "
    "SET r = row.values, r.start_order = -s.rank, r.end_order = -e.rank"
)
Rows = list[dict[str, Any]]  # what a node holds is of many types
Statement = tuple[LiteralString, Rows]

_cut = analyzer()


def of_concepts(batch: Batch) -> list[Statement]:
    """Return what to send for a batch of concepts."""
    return [(CONCEPTS, [_concept(concept) for concept in batch.concepts])]


def of_block(block: Block) -> list[Statement]:
    """Return what to send for a block, embeddings included."""
    batch = block.batch
    return [
        (POSTS, [_post(post) for post in batch.posts]),
        (INTENTIONS, list(_intentions(batch.intentions, block.embeddings))),
        (
            HAS_INTENTION,
            [
                {
                    "start": h.post_id,
                    "end": h.intention_id,
                    "values": {"run": h.run_id, "raw": h.raw, "confidence": UNJUDGED},
                }
                for h in batch.has_intention
            ],
        ),
        (
            ABOUT,
            [
                {
                    "start": a.intention_id,
                    "end": a.concept_id,
                    "values": {"method": a.method, "confidence": a.confidence},
                }
                for a in batch.about
            ],
        ),
    ]


async def send(driver: neo4j.AsyncDriver, statements: Sequence[Statement]) -> None:
    """Send statements in one transaction."""

    async def work(transaction: neo4j.AsyncManagedTransaction) -> None:
        for statement, rows in statements:
            await (await transaction.run(statement, rows=rows)).consume()

    async with driver.session() as session:  # pyright: ignore[reportUnknownMemberType] its own
        await session.execute_write(work)


def _words(text: str) -> str:
    return " ".join(_cut.analyze(text))


def _concept(one: Concept) -> dict[str, Any]:
    return {
        "id": one.id,
        "rank": rank_of(one.id),
        "kind": 0,
        "text": one.text,
        "words": _words(one.text),
        "created": 1,
    }


def _post(one: Post) -> dict[str, Any]:
    return {
        "id": one.id,
        "rank": rank_of(one.id),
        "source": one.source,
        "text": one.text,
        "words": _words(one.text),
        "hashtags": [],
        "image_uris": [],
        "image_hashes": [],
        "image_description": "",
        "labels": labels(one.labels.items()),
        "created": 1,
    }


def _intentions(intentions: Sequence[Intention], embeddings: Vector) -> Iterator[dict[str, Any]]:
    for one, embedding in zip(intentions, embeddings, strict=True):
        values = {
            "id": one.id,
            "rank": rank_of(one.id),
            "relation": one.relation.value,
            "text": one.text,
            "words": _words(one.text),
            "created": 1,
        }
        yield {"values": values, "embedding": BoltVector.from_numpy(embedding)}  # pyright: ignore[reportUnknownMemberType] its own
