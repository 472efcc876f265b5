"""Setting up a database: what is missing is made, what has changed is built beside the old."""

from collections.abc import AsyncGenerator, Sequence
from typing import Final, LiteralString, TypeVar

import anyio
import numpy as np
import pytest
from contract.small_graph import BATCH, DOG_POST, MODEL, embed_intentions
from neo4j_servers import StartServer

from kg.neo4j import setup
from kg.neo4j.database import Address, Database, Work, open_database
from kg.neo4j.definitions import FULLTEXTS, WORDS
from kg.neo4j.indexes import LOOK_AGAIN_S, Indexes, found
from kg.neo4j.store import Neo4jStore, open_neo4j
from kg.setup import SetUp
from kg.setup import silent as no_progress
from kg.store import EmbeddingModel, Near, Vector
from schema.errors import StoreError, TimeLimitError
from schema.graph import Batch, Filter
from schema.nodes import Intention, NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

T = TypeVar("T")
KIND: Final = NodeKind.INTENTION
MANY: Final = 800
DIMENSIONS: Final = 48
MANY_MODEL: Final = EmbeddingModel("drawn", "1", DIMENSIONS)
QUANTIZED: Final[LiteralString] = (
    "CREATE VECTOR INDEX intention_embedding FOR (n:Intention) ON (n.embedding) OPTIONS "
    "{indexConfig: {`vector.dimensions`: $dimensions, `vector.similarity_function`: 'cosine', "
    "`vector.quantization.enabled`: true}}"
)
ENGLISH: Final[LiteralString] = (
    "CREATE FULLTEXT INDEX post_words FOR (n:Post) ON EACH [n.words] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}}"
)

KEYWORD: Final[LiteralString] = (
    "CREATE FULLTEXT INDEX post_tags FOR (n:Post) ON EACH [n.labels] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'keyword'}}"
)
"""Fails where a label is of more than 32,766 bytes."""

BESIDE: Final[LiteralString] = WORDS[NodeKind.POST].places[1].create


class SilentDatabase(Database):
    """A database that is silent once while its indexes are waited for."""

    reads = 0

    async def read(self, work: Work[T]) -> T:
        self.reads += 1
        if self.reads == 2:
            raise TimeLimitError("silent")
        return await super().read(work)


@pytest.fixture
def url(version: str, neo4j_server: StartServer) -> str:
    return neo4j_server(version)


@pytest.fixture
async def database(url: str) -> AsyncGenerator[Database]:
    """Return a database with nothing in it, neither nodes nor indexes."""
    async with open_database(Address(url)) as opened:
        await opened.run("MATCH (n) DETACH DELETE n")
        await without_indexes(opened)
        yield opened


@pytest.fixture
async def store(url: str, database: Database) -> AsyncGenerator[Neo4jStore]:
    async with open_neo4j(Address(url), create=True) as opened:
        yield opened


async def without_indexes(database: Database) -> None:
    """Drop every constraint and index but those of labels."""
    for row in await database.run("SHOW CONSTRAINTS YIELD name"):
        await database.run("DROP CONSTRAINT $name", name=row["name"])
    for one in await found(database):
        await database.run("DROP INDEX $name", name=one.name)


async def replace_index(database: Database, create: LiteralString, names: Sequence[str]) -> None:
    """Put an index of another definition where some stand."""
    for name in names:
        await database.run("DROP INDEX $name IF EXISTS", name=name)
    await database.run(create, **({"dimensions": DIMENSIONS} if "VECTOR" in create else {}))
    await database.run("CALL db.awaitIndexes(60)")


async def names_of(database: Database, part: str) -> set[str]:
    return {one.name for one in await found(database) if part in one.name}


def drawn(rows: int) -> Vector:
    vectors = np.random.default_rng(3).standard_normal((rows, DIMENSIONS), np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


async def fill(store: Neo4jStore) -> None:
    """Write many embedded intentions."""
    some = [Intention.of(Relation.OPEN, f"number {n}") for n in range(MANY)]
    await store.put(Batch(intentions=tuple(some)))
    await store.require_model(MANY_MODEL)
    await store.put_embeddings(KIND, [i.id for i in some], drawn(MANY))
    await store.refresh()


async def test_a_database_without_indexes_gets_them_once(
    database: Database, store: Neo4jStore
) -> None:
    await store.put(BATCH)
    await embed_intentions(store)
    await without_indexes(database)
    await database.run("CREATE INDEX by_hand FOR (n:Post) ON (n.id)")

    first, second = await store.set_up(), await store.set_up()

    assert {"post_id", "post_source", "post_words", "post_tags"} <= set(first.made)
    assert "intention_embedding" in first.made
    assert (first.migrated, first.there) == ((), ())
    assert second == SetUp(there=first.made)
    assert [hit.id for hit in await store.match(NodeKind.POST, "dog", 5)] == [DOG_POST.id]


async def test_opening_to_load_makes_the_same_which_is_told_once(
    database: Database, store: Neo4jStore
) -> None:
    before = {one.name for one in await found(database)}

    first, second = await store.set_up(), await store.set_up()

    assert (set(first.made), first.migrated, first.there) == (before, (), ())
    assert second == SetUp(there=first.made)


async def test_an_old_vector_index_answers_until_the_new_one_does(
    database: Database, store: Neo4jStore, url: str
) -> None:
    await fill(store)
    query = drawn(MANY)[7]
    expected = (await store.nearest(KIND, query, 1))[0]
    await replace_index(database, QUANTIZED, ["intention_embedding"])
    answers: list[list[Near]] = []
    strategies: set[str] = set()
    async with (
        open_neo4j(Address(url), create=False) as other,
        anyio.create_task_group() as tasks,
    ):
        answers.append(await other.nearest(KIND, query, 1))
        ended = anyio.Event()

        async def migrate() -> None:
            done = await store.set_up()
            assert done.migrated == ("intention_embedding_b",)
            ended.set()

        tasks.start_soon(migrate)
        while not ended.is_set():
            answers.append(await other.nearest(KIND, query, 1))
            strategies.add((await other.plan(KIND, 1)).strategy)
        answers.append(await other.nearest(KIND, query, 1))

    assert await names_of(database, "intention_embedding") == {"intention_embedding_b"}
    assert answers == [[expected]] * len(answers)
    assert strategies == {"index"}


async def test_each_of_several_searches_at_once_learns_that_an_index_was_dropped(
    database: Database, store: Neo4jStore
) -> None:
    await store.put(BATCH)
    indexes = Indexes(database)
    used = await indexes.answering(KIND)
    unchanged = await indexes.are_others(used)
    await replace_index(database, BESIDE, ["post_words"])

    first, second = await indexes.are_others(used), await indexes.are_others(used)

    assert (unchanged, first, second) == (False, True, True)


async def test_an_estimate_stands_for_the_index_that_counted(
    database: Database, store: Neo4jStore, url: str
) -> None:
    await store.put(BATCH)
    nothing = Filter(hashtags=("nothing",))
    await database.run("DROP INDEX post_tags")
    async with open_neo4j(Address(url), create=False) as other:
        uncounted = await other.plan(KIND, 1, nothing)
        await store.set_up()
        await anyio.sleep(LOOK_AGAIN_S)
        counted = await other.plan(KIND, 1, nothing)

    assert (uncounted.estimated, counted.estimated) == (len(BATCH.intentions), 0)


async def test_a_plan_is_of_the_indexes_that_answer_now(
    database: Database, store: Neo4jStore
) -> None:
    await fill(store)
    before = await store.plan(KIND, 1)
    await database.run("DROP INDEX intention_embedding")

    after = await store.plan(KIND, 1)

    assert (before.strategy, after.strategy) == ("index", "scan")


async def test_a_second_migration_goes_back_to_the_first_place(
    database: Database, store: Neo4jStore
) -> None:
    await fill(store)
    await replace_index(database, QUANTIZED, ["intention_embedding"])
    await store.set_up()
    late = Intention.of(Relation.OPEN, "embedded after the migration")
    await store.put(Batch(intentions=(late,)))
    await store.put_embeddings(KIND, [late.id], drawn(MANY + 1)[MANY:])

    found_late = await store.nearest(KIND, drawn(MANY + 1)[MANY], 1)
    await store.reindex()

    assert [hit.id for hit in found_late] == [late.id]
    assert (await store.plan(KIND, 1)).strategy == "index"
    assert await names_of(database, "intention_embedding") == {"intention_embedding"}


async def test_another_analyser_is_migrated(database: Database, store: Neo4jStore) -> None:
    await store.put(BATCH)
    await replace_index(database, ENGLISH, ["post_words"])
    before = await store.match(NodeKind.POST, "dog", 5)

    done = await store.set_up()

    assert done.migrated == ("post_words_b",)
    assert await names_of(database, "post_words") == {"post_words_b"}
    after = await store.match(NodeKind.POST, "dog", 5)
    assert [hit.id for hit in before] == [hit.id for hit in after] == [DOG_POST.id]


async def test_a_server_that_is_silent_while_it_builds_is_waited_for(database: Database) -> None:
    silent = SilentDatabase(database._driver, database._address, database.server)  # pyright: ignore[reportPrivateUsage]

    done = await setup.set_up(silent, FULLTEXTS, no_progress)

    assert silent.reads > 2
    assert {one.name for one in await found(database)} == set(done.made)


async def test_indexes_that_failed_are_built_anew(database: Database, store: Neo4jStore) -> None:
    await store.put(BATCH)
    await database.run("DROP INDEX post_source")
    await database.run("DROP INDEX post_tags")
    await database.run("CREATE (:Post {source: $long, labels: [$long]})", long="x" * 40_000)
    await database.run(KEYWORD)
    with pytest.raises(StoreError, match="the index post_source failed"):
        await store.set_up()
    await database.run("MATCH (n:Post) WHERE n.id IS NULL DELETE n")

    done = await store.set_up()

    assert "post_source" in done.made
    assert {one.state for one in await found(database)} == {"ONLINE"}
    assert await store.count(NodeKind.POST, Filter(sources=(DOG_POST.source,))) == 1


async def test_a_migration_that_was_stopped_is_ended(database: Database, store: Neo4jStore) -> None:
    await store.put(BATCH)
    await replace_index(database, ENGLISH, ["post_words"])
    await store.set_up()
    await database.run(ENGLISH)

    done = await store.set_up()

    assert "post_words_b" in done.there
    assert await names_of(database, "post_words") == {"post_words_b"}


async def test_embeddings_of_other_dimensions_get_an_index_of_theirs(
    database: Database, store: Neo4jStore
) -> None:
    await fill(store)

    await store.replace_model(MODEL)
    ids = [node_id for node_id, _ in await store.unembedded(KIND, limit=200)]
    await store.put_embeddings(KIND, ids, np.eye(4, dtype=np.float32)[np.arange(len(ids)) % 4])
    unindexed = await store.plan(KIND, 1)
    await store.refresh()

    assert unindexed.strategy == "scan"
    assert (await store.plan(KIND, 1)).strategy == "index"
    assert len(await store.nearest(KIND, np.eye(4, dtype=np.float32)[0], 5)) == 5


async def test_what_another_process_built_is_seen_soon(
    store: Neo4jStore, database: Database
) -> None:
    await fill(store)
    await database.run("DROP INDEX intention_embedding")
    indexes = Indexes(database)

    before = await indexes.answering(KIND)
    await store.set_up()
    await anyio.sleep(LOOK_AGAIN_S)
    after = await indexes.answering(KIND)

    assert (KIND in before.vectors, KIND in after.vectors) == (False, True)
