"""The limit of a load: a script that sends the same rows by UNWIND and Vector, and no more.

It reads nothing, merges nothing and takes no lock: given the same rows twice, it fails.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString

import neo4j
from neo4j.vector import Vector as BoltVector

from benchmarks.generated import Block
from kg.analysis import analyzer
from kg.neo4j import relationships
from kg.neo4j.batches import ROWS
from kg.neo4j.relationships import Relationship
from kg.neo4j.write_nodes import KIND_PLACE, concept_row, intention_row, post_row
from kg.store import Vector
from schema.graph import Batch
from schema.nodes import Intention

POSTS: Final[LiteralString] = "UNWIND $rows AS row CREATE (n:Post) SET n = row"
CONCEPTS: Final[LiteralString] = "UNWIND $rows AS row CREATE (n:Concept) SET n = row"
INTENTIONS: Final[LiteralString] = (
    "UNWIND $rows AS row CREATE (n:Intention) SET n = row.values "
    "WITH n, row CALL db.create.setNodeVectorProperty(n, 'embedding', row.embedding)"
)
HAS_INTENTION: Final[LiteralString] = (
    "UNWIND $rows AS row MATCH (s:Post {id: row.start}) USING INDEX SEEK s:Post(id) "
    "MATCH (e:Intention {id: row.end}) USING INDEX SEEK e:Intention(id) "
    "CREATE (s)-[r:HAS_INTENTION]->(e) SET r = row.values"
)
ABOUT: Final[LiteralString] = (
    "UNWIND $rows AS row MATCH (s:Intention {id: row.start}) USING INDEX SEEK s:Intention(id) "
    "MATCH (e:Concept {id: row.end}) USING INDEX SEEK e:Concept(id) "
    "CREATE (s)-[r:ABOUT]->(e) SET r = row.values"
)
Rows = list[dict[str, Any]]  # what a node holds is of many types
Statement = tuple[LiteralString, Rows]

CREATED: Final = {"created": 1}
_cut = analyzer()


def of_concepts(batch: Batch) -> list[Statement]:
    """Return what to send for a batch of concepts."""
    rows = (concept_row(c, _cut, kind=KIND_PLACE[c.kind]) for c in batch.concepts)
    return [(CONCEPTS, [row | CREATED for row in rows])]


def of_block(block: Block) -> list[Statement]:
    """Return what to send for a block, embeddings included."""
    batch = block.batch
    return [
        (POSTS, [post_row(post, _cut) | CREATED for post in batch.posts]),
        (INTENTIONS, list(_intentions(batch.intentions, block.embeddings))),
        (HAS_INTENTION, [_row(relationships.has_intention(h)) for h in batch.has_intention]),
        (ABOUT, [_row(relationships.about(a)) for a in batch.about]),
    ]


async def send(driver: neo4j.AsyncDriver, statements: Sequence[Statement]) -> None:
    """Send statements in one transaction, as many rows at a time as MIKO does."""

    async def work(transaction: neo4j.AsyncManagedTransaction) -> None:
        for statement, rows in statements:
            for first in range(0, len(rows), ROWS):
                some = rows[first : first + ROWS]
                await (await transaction.run(statement, rows=some)).consume()

    async with driver.session() as session:  # pyright: ignore[reportUnknownMemberType] its own
        await session.execute_write(work)


def _row(one: Relationship) -> dict[str, Any]:
    return {"start": one.start, "end": one.end, "values": one.values}


def _intentions(intentions: Sequence[Intention], embeddings: Vector) -> Iterator[dict[str, Any]]:
    for one, embedding in zip(intentions, embeddings, strict=True):
        vector = BoltVector.from_numpy(embedding)  # pyright: ignore[reportUnknownMemberType] its own
        yield {"values": intention_row(one, _cut) | CREATED, "embedding": vector}
