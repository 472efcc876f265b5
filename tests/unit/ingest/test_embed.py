"""Embedding what has none."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from unit.ingest.written import record, written

from ingest.embed import embed
from ingest.load import load
from kg.store import EmbeddingModel, GraphStore, Vector
from schema.errors import EmbeddingModelError
from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio


class LengthEmbedder:
    """Embeds a text by its length; may stop after some calls (kg.embedder)."""

    def __init__(self, name: str = "length", *, calls: int = 1_000) -> None:
        self.model = EmbeddingModel(name, "1", 4)
        self.left = calls

    async def embed(self, texts: Sequence[str]) -> Vector:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        embeddings = np.ones((len(texts), 4), np.float32)
        embeddings[:, 0] = [len(text) for text in texts]
        return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def silent(done: int, total: int | None) -> None:
    """Show nothing."""


@pytest.fixture
async def filled(store: GraphStore, tmp_path: Path) -> GraphStore:
    rows = [
        record(
            id=f"pets:{n}", text=f"Meet Rex #dog{n}", intentions=[{"relation": "open", "text": "a"}]
        )
        for n in range(3)
    ]
    file = written(tmp_path / "posts.jsonl", *rows)
    await load(store, [file], rejects=tmp_path / "rejects.jsonl", progress=silent)
    return store


async def test_every_node_is_embedded_once(filled: GraphStore) -> None:
    seen: list[tuple[int, int | None]] = []

    first = await embed(filled, LengthEmbedder(), progress=lambda d, t: seen.append((d, t)))
    second = await embed(filled, LengthEmbedder(calls=0), progress=silent)

    assert (first, second) == (7, 0)
    assert seen[-1] == (7, 7)
    assert (await filled.counts()).embedded == {"Post": 3, "Intention": 1, "Concept": 3}


async def test_a_stop_loses_nothing_that_was_written(filled: GraphStore) -> None:
    with pytest.raises(KeyboardInterrupt):
        await embed(filled, LengthEmbedder(calls=1), progress=silent)

    rest = await embed(filled, LengthEmbedder(), progress=silent)

    assert rest == 4
    assert sum((await filled.counts()).embedded.values()) == 7


async def test_another_model_is_refused_unless_it_replaces(filled: GraphStore) -> None:
    await embed(filled, LengthEmbedder(), progress=silent)

    with pytest.raises(EmbeddingModelError, match="embed --replace"):
        await embed(filled, LengthEmbedder("other"), progress=silent)
    replaced = await embed(filled, LengthEmbedder("other"), replace=True, progress=silent)
    again = await embed(filled, LengthEmbedder("other", calls=0), replace=True, progress=silent)

    assert (replaced, again) == (7, 0)


async def test_what_was_embedded_is_found(filled: GraphStore) -> None:
    await embed(filled, LengthEmbedder(), progress=silent)

    query = (await filled.embeddings(NodeKind.POST, ["pets:1"]))[0]

    assert query is not None
    assert len(await filled.nearest(NodeKind.POST, query.astype(np.float32), 3)) == 3
