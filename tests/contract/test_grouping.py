"""Groups of similar intentions are those of a plain search, whatever order they were written in."""

import random
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest
from contract.conftest import Backend
from contract.real_posts import Row, real_records, write_records
from unit.api.conftest import LetterEmbedder, asking, client_of

from ingest.load import load
from kg.connect import connect
from kg.groups import groups, spheres
from kg.settings import StoreSettings
from kg.store import GraphStore, Vector
from schema.errors import QueryError
from schema.graph import Batch, Filter
from schema.nodes import Intention, NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

SIMILARITY = 0.94
GROUPS = """
query ($where: Where, $similarity: Float!) {
  intentionGroups(where: $where, similarity: $similarity, first: 5) {
    total compared
    groups {
      size share cohesion medoid { key } intentions(first: 100) { key } posts(first: 5) { key }
    }
  }
}
"""


def plain_groups(ids: list[str], embeddings: Vector) -> list[set[str]]:
    """Return the groups of rising ids, the greatest first, by comparing everything with loops."""
    near = {
        one: {i for i, v in zip(ids, embeddings, strict=True) if float(u @ v) >= SIMILARITY}
        for one, u in zip(ids, embeddings, strict=True)
    }
    left, found = set(ids), list[set[str]]()
    while left:
        center = max(sorted(left), key=lambda one: len(near[one] & left))
        found.append((near[center] | {center}) & left)
        left -= found[-1]
    return found


def medoid(members: set[str], vectors: dict[str, Vector]) -> str:
    """Return the member with the greatest sum of similarities, ties by the lesser id."""
    sums = {
        one: round(sum(float(vectors[one] @ vectors[other]) for other in members), 4)
        for one in members
    }
    return min(members, key=lambda one: (-sums[one], one))


async def embed(store: GraphStore) -> None:
    embedder = LetterEmbedder()
    await store.require_model(embedder.model)
    rows = await store.unembedded(NodeKind.INTENTION, limit=100_000)
    vectors = await embedder.embed([text for _, text in rows])
    await store.put_embeddings(NodeKind.INTENTION, [i for i, _ in rows], vectors)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def records(data: Path) -> list[Row]:
    return real_records(data)[:60]


@pytest.fixture(scope="module")
async def real(
    backend: Backend, records: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[GraphStore]:
    folder = tmp_path_factory.mktemp("groups")
    write_records(folder / "posts.jsonl", records)
    async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
        await load(
            store, [folder / "posts.jsonl"], rejects=folder / "r", progress=lambda _, __: None
        )
        await embed(store)
        yield store


async def test_the_largest_groups_of_an_audience(real: GraphStore, records: list[Row]) -> None:
    """Question 4, with the posts that hold them."""
    relations = [Relation.O_EFFECT, Relation.O_REACT, Relation.O_WANT]
    held: dict[str, set[str]] = {}
    for record in records:
        for said in record["intentions"]:
            if said["relation"] in relations:
                one = Intention.of(Relation(said["relation"]), said["text"])
                held.setdefault(one.id, set()).add(record["id"])
    ids = sorted(held)
    found = await real.embeddings(NodeKind.INTENTION, ids)
    stacked = np.array(found, np.float32)
    stacked /= np.linalg.norm(stacked, axis=1, keepdims=True)
    vectors = dict(zip(ids, stacked, strict=True))
    expected = plain_groups(ids, stacked)

    async with client_of(real) as client:
        answer = await asking(client)(GROUPS, where={"side": "AUDIENCE"}, similarity=SIMILARITY)

    table = answer["data"]["intentionGroups"]
    assert table["total"] == table["compared"] == len(ids)
    assert len(expected[0]) > 10
    for group, members in zip(table["groups"], expected, strict=False):
        named = [one["key"] for one in group["intentions"]]
        assert group["size"] == len(members)
        assert group["share"] == pytest.approx(len(members) / len(ids))
        assert set(named) <= members
        assert len(named) == min(100, len(members))
        assert group["medoid"]["key"] == named[0] == medoid(members, vectors)
        cosines = [float(vectors[one] @ vectors[named[0]]) for one in members]
        assert group["cohesion"] == pytest.approx(np.mean(cosines), abs=1e-4)
        holders = {post_id for one in members for post_id in held[one]}
        assert {post["key"] for post in group["posts"]} <= holders


async def test_the_order_of_writing_makes_no_difference(backend: Backend, tmp_path: Path) -> None:
    texts = [f"{a} {b} {c}" for a in "find see get".split() for b in "a the".split() for c in "xyz"]
    intentions = [Intention.of(Relation.X_WANT, text) for text in texts]
    answers: list[object] = []
    for seed in (1, 2):
        shuffled = intentions.copy()
        random.Random(seed).shuffle(shuffled)  # noqa: S311 nothing is secret here
        folder = tmp_path / str(seed)
        folder.mkdir()
        async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
            for intention in shuffled:
                await store.put(Batch(intentions=(intention,)))
            await embed(store)
            answers.append(await groups(store, similarity=0.9))

    assert answers[0] == answers[1]


async def test_a_similarity_that_no_cosine_has_is_refused(store: GraphStore) -> None:
    for similarity in (0, 1, float("nan")):
        with pytest.raises(QueryError, match="between 0 and 1"):
            await groups(store, similarity=similarity)


async def test_a_graph_without_embeddings_has_no_groups(store: GraphStore) -> None:
    await store.put(Batch(intentions=(Intention.of(Relation.OPEN, "a reason"),)))

    found = await groups(store, Filter(relations=(Relation.OPEN,)))

    assert (found.total, found.sampled, found.groups) == (1, 0, ())


def test_groups_are_found_without_those_that_follow() -> None:
    vectors = np.random.default_rng(7).standard_normal((300, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    every = spheres(vectors, 0.8)

    assert [rows.tolist() for rows in spheres(vectors, 0.8, 4)] == [r.tolist() for r in every[:4]]
    assert sorted(np.concatenate(every).tolist()) == list(range(300))
    assert [len(rows) for rows in every] == sorted((len(r) for r in every), reverse=True)
