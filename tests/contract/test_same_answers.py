"""The sample, loaded into each backend and into the embedded store: the answers are the same."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contract.conftest import Backend, SqliteBackend

from ingest.load import load
from kg.connect import connect
from kg.hops import Hops
from kg.settings import StoreSettings
from kg.store import EmbeddingModel, GraphStore, Vector
from kg.traversal import paths
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

SAMPLE = [Path(str(files("miko") / "sample" / n)) for n in ("posts.jsonl", "atomic.tsv")]
MODEL = EmbeddingModel("hashed", "1", 24)
FILTERS = [
    EVERYTHING,
    Filter(relations=(Relation.X_WANT, Relation.O_REACT)),
    Filter(labels=(("sarcastic", "1"),)),
    Filter(concepts=("/c/en/dog",)),
    Filter(relations=(Relation.X_REACT,), sources=("sample",)),
    Filter(hashtags=("nothing",)),
    Filter(hashtags=("adoptdontshop",)),
    Filter(emotions=("/c/en/proud",)),
    Filter(concepts=("/c/en/dog",), labels=(("sarcastic", "0"),), sources=("sample",)),
    Filter(choices=("accepted",)),
    Filter(annotators=("nobody",)),
    Filter(models=("gpt-4", "sample"), relations=(Relation.X_WANT,)),
    Filter(plausibility=0.5),
]


def vectors(texts: list[str]) -> Vector:
    """Return vectors drawn by the texts' letters: unit, and the same for the same text."""
    drawn = [np.random.default_rng(list(text.encode())).standard_normal(24) for text in texts]
    stacked = np.array(drawn, np.float32)
    return (stacked / np.linalg.norm(stacked, axis=1, keepdims=True)).astype(np.float32)


async def filled(store: GraphStore, folder: Path, files: Sequence[Path] = SAMPLE) -> GraphStore:
    await load(store, files, rejects=folder / "rejects.jsonl", progress=lambda _, __: None)
    await store.require_model(MODEL)
    for kind in NodeKind:
        rows = await store.unembedded(kind, limit=100_000)
        await store.put_embeddings(kind, [i for i, _ in rows], vectors([text for _, text in rows]))
    await store.refresh()
    return store


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def both(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[GraphStore, GraphStore]]:
    async with beside_the_embedded(backend, tmp_path_factory, SAMPLE) as stores:
        yield stores


@asynccontextmanager
async def beside_the_embedded(
    backend: Backend, folders: pytest.TempPathFactory, files: Sequence[Path]
) -> AsyncGenerator[tuple[GraphStore, GraphStore]]:
    """Load files into a backend and into the embedded store."""
    folder, other = folders.mktemp("one"), folders.mktemp("other")
    url = await backend.emptied(folder)
    embedded = await SqliteBackend().emptied(other)
    async with connect(StoreSettings(url=url)) as one, connect(StoreSettings(url=embedded)) as two:
        yield await filled(one, folder, files), await filled(two, other, files)


async def asked(store: GraphStore, where: Filter, start: str = "/c/en/dog") -> dict[str, Any]:
    """Ask a store all kinds of questions under a filter, paths from a concept among them."""
    (query,) = vectors(["get people to adopt a dog"])
    post_ids = (await store.ids(NodeKind.POST, where=where, limit=9)).ids
    held = await store.intentions_of(post_ids)
    intention_ids = [h.intention.id for own in held for h in own][:30]
    return {
        "nearest": [await store.nearest(kind, query, 25, where) for kind in NodeKind],
        "match": [
            await store.match(kind, "The adopted dogs, and free cake?", 25, where)
            for kind in NodeKind
        ],
        "ids": [await store.ids(kind, where=where, limit=40) for kind in NodeKind],
        "count": [await store.count(kind, where) for kind in NodeKind],
        "held": held,
        "mentions": await store.mentions_of(post_ids),
        "about": await store.about_of(intention_ids),
        "posts": await store.posts_of(intention_ids, limit=3, where=where),
        "walk": await store.traverse(
            start, Hops(4, fan_out=9, frontier=40, timeout_s=60, where=where)
        ),
        "paths": await paths(store, start, None, Hops(3, timeout_s=60, where=where)),
    }


@pytest.mark.parametrize("where", FILTERS)
async def test_each_question_has_the_same_answer(
    both: tuple[GraphStore, GraphStore], where: Filter
) -> None:
    one, two = [await asked(store, where) for store in both]

    assert [name for name in one if one[name] != two[name]] == []
    assert one == two


async def test_counts_are_the_same(both: tuple[GraphStore, GraphStore]) -> None:
    one, two = [await store.counts() for store in both]

    assert one == two
