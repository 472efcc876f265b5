"""Constraints and indexes: made where they are not there, and waited for."""

from typing import Final, LiteralString

from kg.neo4j.database import Database, Row
from kg.neo4j.rows import LABEL
from schema.errors import StoreError
from schema.nodes import NodeKind

LONGEST_WAIT_S: Final = 3600

DEFINITIONS: Final[tuple[LiteralString, ...]] = (
    "CREATE CONSTRAINT post_id IF NOT EXISTS FOR (n:Post) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT intention_id IF NOT EXISTS FOR (n:Intention) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT concept_id IF NOT EXISTS FOR (n:Concept) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT run_id IF NOT EXISTS FOR (n:Run) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT graph_id IF NOT EXISTS FOR (n:Graph) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX post_source IF NOT EXISTS FOR (n:Post) ON (n.source)",
    "CREATE INDEX intention_relation IF NOT EXISTS FOR (n:Intention) ON (n.relation)",
    "CREATE INDEX post_created IF NOT EXISTS FOR (n:Post) ON (n.created)",
    "CREATE INDEX intention_created IF NOT EXISTS FOR (n:Intention) ON (n.created)",
    "CREATE INDEX concept_created IF NOT EXISTS FOR (n:Concept) ON (n.created)",
    "CREATE INDEX has_intention_in IF NOT EXISTS "
    "FOR ()-[r:HAS_INTENTION]-() ON (r.end_order, r.confidence, r.start_order)",
    "CREATE INDEX mentions_in IF NOT EXISTS FOR ()-[r:MENTIONS]-() ON (r.end_order, r.start_order)",
    "CREATE INDEX about_in IF NOT EXISTS "
    "FOR ()-[r:ABOUT]-() ON (r.end_order, r.confidence, r.start_order)",
    "CREATE INDEX related_in IF NOT EXISTS "
    "FOR ()-[r:RELATED]-() ON (r.end_order, r.weight, r.start_order)",
    "CREATE INDEX related_out IF NOT EXISTS "
    "FOR ()-[r:RELATED]-() ON (r.start_order, r.weight, r.end_order)",
)
WORD_INDEXES: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "post_words",
    NodeKind.INTENTION: "intention_words",
    NodeKind.CONCEPT: "concept_words",
}
"""Name of the full-text index of each kind."""

VECTOR_INDEXES: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "post_embedding",
    NodeKind.INTENTION: "intention_embedding",
    NodeKind.CONCEPT: "concept_embedding",
}
"""Name of the vector index of each kind."""

_VECTOR_OPTIONS: Final[LiteralString] = (
    " OPTIONS {indexConfig: {`vector.dimensions`: $dimensions, "
    "`vector.similarity_function`: 'cosine', `vector.quantization.enabled`: false}}"
)
CREATE_VECTORS: Final[dict[NodeKind, LiteralString]] = {
    kind: "CREATE VECTOR INDEX " + name + " IF NOT EXISTS "
    "FOR (n:" + LABEL[kind] + ") ON (n.embedding)" + _VECTOR_OPTIONS
    for kind, name in VECTOR_INDEXES.items()
}
CREATE_FOR_SEARCH: Final[LiteralString] = (
    "CYPHER 25 CREATE VECTOR INDEX intention_embedding IF NOT EXISTS "
    "FOR (n:Intention) ON (n.embedding) WITH [n.relation]" + _VECTOR_OPTIONS
)
"""The index of intentions where it takes a condition on the relation (Server.has_search)."""

SHOW: Final[LiteralString] = """
SHOW INDEXES YIELD name, state, type, options WHERE name = $name RETURN state, type, options
"""
WAIT: Final[LiteralString] = "CALL db.awaitIndexes($longest_s)"


async def define(database: Database) -> None:
    """Make every constraint and index but those of vectors; what is there stays."""
    for statement in DEFINITIONS:
        await database.run(statement)
    for kind, name in WORD_INDEXES.items():
        await database.run(
            "CREATE FULLTEXT INDEX " + name + " IF NOT EXISTS FOR (n:" + LABEL[kind] + ") ON EACH "
            "[n.words] OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
        )
    await wait(database)


async def define_vectors(database: Database, kind: NodeKind, dimensions: int) -> None:
    """Make a kind's vector index, anew where the one that is there has other dimensions."""
    name = VECTOR_INDEXES[kind]
    held = await database.run(SHOW, name=name)
    if held and _dimensions(held[0]) != dimensions:
        await drop_vectors(database, kind)
        held = []
    if not held:
        takes_conditions = database.server.has_search and kind is NodeKind.INTENTION
        statement = CREATE_FOR_SEARCH if takes_conditions else CREATE_VECTORS[kind]
        await database.run(statement, dimensions=dimensions)
    await wait(database)


async def drop_vectors(database: Database, kind: NodeKind) -> None:
    """Drop a kind's vector index, if there is one."""
    name = VECTOR_INDEXES[kind]
    await database.run("DROP INDEX " + name + " IF EXISTS")


async def drop_words(database: Database, kind: NodeKind) -> None:
    """Drop a kind's full-text index, if there is one."""
    name = WORD_INDEXES[kind]
    await database.run("DROP INDEX " + name + " IF EXISTS")


async def has_vectors(database: Database, kind: NodeKind, dimensions: int) -> bool:
    """Whether a kind's vector index can be asked for vectors of so many dimensions."""
    name = VECTOR_INDEXES[kind]
    held = await database.read(lambda t: t.rows(SHOW, name=name))
    return bool(held) and held[0]["state"] == "ONLINE" and _dimensions(held[0]) == dimensions


async def wait(database: Database) -> None:
    """Wait until every index can be asked."""
    try:
        await database.run(WAIT, longest_s=LONGEST_WAIT_S)
    except StoreError as error:
        raise StoreError(f"{error}; run `miko reindex`") from error


def _dimensions(row: Row) -> int:
    return int(row["options"]["indexConfig"].get("vector.dimensions", 0))
