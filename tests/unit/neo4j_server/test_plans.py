"""How searches are planned: each way is taken where it should be, and gives what it should."""

from collections.abc import AsyncGenerator
from typing import Final

import numpy as np
import pytest
from neo4j_servers import VERSIONS, StartServer

from kg.neo4j.database import Address, open_database
from kg.neo4j.matching import EVERY, TIE
from kg.neo4j.planning import Costs
from kg.neo4j.store import Neo4jStore, open_neo4j
from kg.plan import Strategy
from kg.store import EmbeddingModel, Vector
from schema.graph import About, Aspect, Batch, Filter, HasIntention, Mentions
from schema.nodes import Concept, ConceptKind, Intention, NodeKind, Post
from schema.relations import Relation

pytestmark = pytest.mark.anyio

K: Final = 10
KIND: Final = NodeKind.INTENTION
POSTS: Final = 300
EACH: Final = 10
DIMENSIONS: Final = 16
RELATIONS: Final = tuple(Relation)
ODD: Final = 'a "quoted\\" OR  label:*'
"""Characters that are operators of Lucene's, and two spaces."""

CONCEPTS: Final = (
    Concept.of("/c/en/common"),
    Concept.of("/c/en/rare"),
    Concept.of("/c/en/joy", ConceptKind.EMOTION),
)
QUERY: Final = np.full(DIMENSIONS, DIMENSIONS**-0.5, np.float32)


def post_of(number: int) -> Post:
    shares = [("half", number % 2 == 0), ("odd", number % 2 == 1), ("rare", number % 60 == 0)]
    return Post(
        f"s{number % 3}:{number}",
        f"post {number}",
        f"s{number % 3}",
        hashtags=tuple(tag for tag, has in shares if has),
        labels={ODD: "1"} if number % 50 == 0 else {},
    )


HELD: Final = [
    (post_of(n), Intention.of(RELATIONS[place], f"intention {n} {place}"))
    for n in range(POSTS)
    for place in range(EACH)
]
BATCH: Final = Batch(
    posts=tuple(post_of(n) for n in range(POSTS)),
    intentions=tuple(intention for _, intention in HELD),
    concepts=CONCEPTS,
    has_intention=tuple(HasIntention(post.id, i.id, i.text) for post, i in HELD),
    mentions=tuple(
        Mentions(post_of(n).id, concept.id, aspect, "raw")
        for concept, aspect, share in (
            (CONCEPTS[0], Aspect.OBJECT, 2),
            (CONCEPTS[1], Aspect.OBJECT, 100),
            (CONCEPTS[2], Aspect.EMOTION, 75),
        )
        for n in range(0, POSTS, share)
    ),
    about=tuple(About(i.id, CONCEPTS[1].id, "lemma", 0.9) for _, i in HELD[1::500]),
)
VECTORS: Final = np.random.default_rng(11).standard_normal((len(HELD), DIMENSIONS))
EMBEDDINGS: Final[Vector] = (VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)).astype(
    np.float16
)
SPEAKS_OF_RARE: Final = {BATCH.about[n].intention_id for n in range(len(BATCH.about))}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=VERSIONS)
async def url(request: pytest.FixtureRequest, neo4j_server: StartServer) -> AsyncGenerator[str]:
    """Return the address of a graph of 3,000 intentions."""
    found = neo4j_server(request.param)
    async with open_database(Address(found)) as database:
        await database.run("MATCH (n) DETACH DELETE n")
    async with open_neo4j(Address(found), create=True) as opened:
        await opened.put(BATCH)
        await opened.require_model(EmbeddingModel("drawn", "1", DIMENSIONS))
        ids = [intention.id for _, intention in HELD]
        await opened.put_embeddings(KIND, ids, EMBEDDINGS.astype(np.float32))
        await opened.refresh()
        yield found


@pytest.fixture
async def store(url: str) -> AsyncGenerator[Neo4jStore]:
    async with open_neo4j(Address(url), create=False) as opened:
        yield opened


def passes(post: Post, intention: Intention, where: Filter) -> bool:
    """Say whether a pair is in, from what made the graph."""
    number = int(post.id.partition(":")[2])
    shares = {CONCEPTS[0].id: 2, CONCEPTS[1].id: 100, CONCEPTS[2].id: 75}
    about = {CONCEPTS[1].id} if intention.id in SPEAKS_OF_RARE else set[str]()
    return (
        (not where.relations or intention.relation in where.relations)
        and (not where.sources or post.source in where.sources)
        and all(post.labels.get(name) == value for name, value in where.labels)
        and set(where.hashtags) <= set(post.hashtags)
        and all(number % shares[uri] == 0 for uri in where.emotions)
        and all(number % shares[uri] == 0 or uri in about for uri in where.concepts)
    )


def nearest(where: Filter) -> list[str]:
    """Return the ids of the nearest that pass, by comparing everything."""
    places = [n for n, (post, i) in enumerate(HELD) if passes(post, i, where)]
    stored = EMBEDDINGS[places].astype(np.float64)
    cosines = stored @ QUERY.astype(np.float64) / np.linalg.norm(stored, axis=1)
    order = sorted(range(len(places)), key=lambda n: (-round(cosines[n], 6), HELD[places[n]][1].id))
    return [HELD[places[n]][1].id for n in order[:K]]


@pytest.mark.parametrize(
    ("where", "strategy"),
    [
        (Filter(), Strategy.INDEX),
        (Filter(hashtags=("half",)), Strategy.FILTERED),
        (Filter(sources=("s1",)), Strategy.FILTERED),
        (Filter(concepts=("/c/en/common",), relations=RELATIONS[:5]), Strategy.FILTERED),
        (Filter(hashtags=("rare",)), Strategy.SELECTED),
        (Filter(labels=((ODD, "1"),)), Strategy.SELECTED),
        (Filter(labels=((ODD, "1"),), hashtags=("half",), sources=("s0", "s1")), Strategy.SELECTED),
        (Filter(concepts=("/c/en/rare",)), Strategy.SELECTED),
        (Filter(concepts=("/c/en/rare", "/c/en/common")), Strategy.SELECTED),
        (Filter(emotions=("/c/en/joy",), relations=RELATIONS[:3]), Strategy.SELECTED),
        (Filter(hashtags=("rare",), concepts=("/c/en/rare",)), Strategy.SELECTED),
    ],
)
async def test_each_filter_goes_its_way_and_finds_what_passes(
    store: Neo4jStore, where: Filter, strategy: Strategy
) -> None:
    plan = await store.plan(KIND, K, where)
    found = [hit.id for hit in await store.nearest(KIND, QUERY, K, where)]

    assert plan.strategy is strategy
    assert plan.nodes == len(HELD)
    assert found == nearest(where)


async def test_a_relation_is_asked_inside_the_index_where_that_can_be(
    store: Neo4jStore, url: str
) -> None:
    where = Filter(relations=(Relation.X_WANT,))
    async with open_database(Address(url)) as database:
        can = database.server.has_search

    plan = await store.plan(KIND, K, where)
    found = [hit.id for hit in await store.nearest(KIND, QUERY, K, where)]

    assert (plan.strategy is Strategy.INDEX) == can
    assert found == nearest(where)


async def test_an_estimate_that_was_wrong_is_put_right(store: Neo4jStore) -> None:
    where = Filter(hashtags=("odd",), concepts=("/c/en/common",))
    before = await store.plan(KIND, K, where)

    found = await store.nearest(KIND, QUERY, K, where)

    after = await store.plan(KIND, K, where)
    assert found == []
    assert (before.strategy, before.estimated) == (Strategy.FILTERED, 750)
    assert (after.strategy, after.estimated) == (Strategy.SELECTED, 0)


@pytest.mark.parametrize(
    ("costs", "strategy"),
    [
        (Costs(compared=1e-6), Strategy.SELECTED),
        (Costs(compared=1e6), Strategy.FILTERED),
        (Costs(compared=1e6, most_asked=50), Strategy.SELECTED),
    ],
)
async def test_the_cheapest_way_is_taken(url: str, costs: Costs, strategy: Strategy) -> None:
    where = Filter(hashtags=("rare",))
    async with open_neo4j(Address(url), create=False, costs=costs) as store:
        plan = await store.plan(KIND, K, where)
        found = [hit.id for hit in await store.nearest(KIND, QUERY, K, where)]

    assert plan.strategy is strategy
    assert found == nearest(where)


async def test_the_estimate_is_near_what_passes(store: Neo4jStore) -> None:
    plan = await store.plan(KIND, K, Filter(hashtags=("rare",)))

    assert plan.estimated == await store.count(KIND, Filter(hashtags=("rare",))) == 50


@pytest.mark.parametrize("kind", [NodeKind.POST, NodeKind.CONCEPT])
async def test_without_an_index_what_passes_is_compared(store: Neo4jStore, kind: NodeKind) -> None:
    scan = await store.plan(kind, K)
    selected = await store.plan(kind, K, Filter(concepts=("/c/en/rare",)))

    assert (scan.strategy, selected.strategy) == (Strategy.SCAN, Strategy.SELECTED)


async def test_of_many_that_match_equally_few_are_fetched(url: str) -> None:
    async with open_database(Address(url)) as database:
        row = await database.read(
            lambda t: t.row(
                EVERY, index="intention_words", words='"intent"', asked=len(HELD), k=K, tie=TIE
            )
        )

    first = sorted(i.id for _, i in HELD)[:K]
    assert row["hits"] == len(HELD)
    assert sorted(hit["id"] for hit in row["found"]) == first


@pytest.mark.parametrize(
    "where",
    [
        Filter(hashtags=("rare",)),
        Filter(labels=((ODD, "1"),), relations=RELATIONS[2:3]),
        Filter(hashtags=("half",)),
    ],
)
async def test_words_that_all_have_are_matched_among_what_passes(
    store: Neo4jStore, where: Filter
) -> None:
    passing = sorted(i.id for post, i in HELD if passes(post, i, where))

    found = await store.match(KIND, "intention", K, where)

    assert [hit.id for hit in found] == passing[:K]
