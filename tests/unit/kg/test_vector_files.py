"""The vector index beyond what fits in memory: its file, what was written since, and damage."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import numpy as np
import orjson
import pytest

from kg.sqlite.store import SqliteStore, open_sqlite
from kg.store import EmbeddingModel, GraphStore, Vector
from schema.graph import Batch, Filter
from schema.nodes import Intention, NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

KIND: Final = NodeKind.INTENTION
ROWS: Final = 22_000
RELATIONS: Final = tuple(Relation)
TAILS: Final = [Intention.of(RELATIONS[n % 10], f"tail {n}") for n in range(ROWS)]
IDS: Final = [tail.id for tail in TAILS]


def unit(vectors: Vector) -> Vector:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


VECTORS: Final = unit(np.random.default_rng(1).standard_normal((ROWS, 16), np.float32))
QUERIES: Final = VECTORS[:40].astype(np.float32)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> Path:
    """A graph whose intentions are in a file."""
    path = tmp_path_factory.mktemp("vectors")
    async with open_sqlite(path / "graph.db", timeout_s=1.0) as store:
        await fill(store)
    return path


async def fill(store: SqliteStore) -> None:
    await store.put(Batch(intentions=tuple(TAILS)))
    await store.require_model(EmbeddingModel("axes", "1", 16))
    await store.put_embeddings(KIND, IDS, VECTORS.astype(np.float32))
    await store.refresh()


@pytest.fixture
async def store(folder: Path) -> AsyncGenerator[GraphStore]:
    async with open_sqlite(folder / "graph.db", timeout_s=1.0) as opened:
        yield opened


def nearest_ids(query: Vector, k: int, passing: slice) -> set[str]:
    products = VECTORS[passing].astype(np.float32) @ query
    places = np.argsort(-products)[:k]
    return {IDS[passing][int(place)] for place in places}


async def recall(store: GraphStore, where: Filter, passing: slice) -> float:
    found = [{n.id for n in await store.nearest(KIND, q, 10, where)} for q in QUERIES]
    right = [len(f & nearest_ids(q, 10, passing)) for f, q in zip(found, QUERIES, strict=True)]
    return sum(right) / (10 * len(QUERIES))


async def test_the_file_is_there_and_finds_the_nearest(folder: Path, store: GraphStore) -> None:
    share = await recall(store, Filter(), slice(None))

    assert (folder / "graph.db.index/intention.faiss").exists()
    assert share >= 0.97


async def test_a_filter_that_few_pass_is_exact(store: GraphStore) -> None:
    share = await recall(store, Filter(relations=(Relation.X_WANT,)), slice(0, None, 10))

    assert share == 1.0


async def test_k_come_back_however_many_are_asked_for(store: GraphStore) -> None:
    near = await store.nearest(KIND, QUERIES[0], 5000)

    assert len(near) == 5000
    assert [n.similarity for n in near] == sorted((n.similarity for n in near), reverse=True)


async def test_a_vector_that_was_replaced_is_found_at_its_new_place_only(folder: Path) -> None:
    async with open_sqlite(folder / "graph.db", timeout_s=1.0) as store:
        await store.put_embeddings(KIND, IDS[:1], -VECTORS[:1].astype(np.float32))

        near = await store.nearest(KIND, QUERIES[0], 5)
        far = await store.nearest(KIND, -QUERIES[0], 5)

        await store.put_embeddings(KIND, IDS[:1], VECTORS[:1].astype(np.float32))
    assert IDS[0] not in {hit.id for hit in near}
    assert far[0].id == IDS[0]


async def test_a_file_ahead_of_the_graph_is_not_believed(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    note = copy / "graph.db.index/intention.faiss.json"
    note.write_bytes(orjson.dumps({**orjson.loads(note.read_bytes()), "seen": 10**6}))
    async with open_sqlite(copy / "graph.db", timeout_s=1.0) as store:
        await store.put_embeddings(KIND, IDS[:1], -VECTORS[:1].astype(np.float32))

        far = await store.nearest(KIND, -QUERIES[0], 5)

    assert far[0].id == IDS[0]


@pytest.mark.parametrize("damage", ["torn", "missing", "no note", "no index"])
async def test_a_damaged_index_is_built_anew(folder: Path, damage: str) -> None:
    index = folder / "graph.db.index"
    hurt = {
        "torn": lambda: (index / "intention.faiss").write_bytes(b"torn"),
        "missing": (index / "intention.faiss").unlink,
        "no note": (index / "intention.faiss.json").unlink,
        "no index": lambda: [file.unlink() for file in index.glob("intention.*json")],
    }[damage]
    hurt()

    async with open_sqlite(folder / "graph.db", timeout_s=1.0) as store:
        near = await store.nearest(KIND, QUERIES[0], 1)
        matches = await store.match(KIND, "tail 77", 1)
        await store.reindex()

    assert near[0].id == IDS[0]
    assert matches[0].id == IDS[77]
