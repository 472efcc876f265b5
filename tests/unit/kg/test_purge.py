"""What a purged graph keeps of a deleted post in its files: nothing, to the byte."""

import sqlite3
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from kg.connect import connect
from kg.settings import StoreSettings
from kg.sqlite import vectors
from kg.store import EmbeddingModel, GraphStore, Vector
from schema.errors import StoreBusyError
from schema.graph import Aspect, Batch, HasIntention, Judgement, Mentions
from schema.nodes import Concept, Intention, NodeKind, Post
from schema.relations import Relation

pytestmark = pytest.mark.anyio

POSTS: Final = 400
OWN: Final = (
    b"zebrafinch",
    b"quokkagram",
    b"narwhalist",
    b"axolotlish",
    b"wombatwise",
    b"okapiness",
)
"""Words of the one post: of its text, hashtag, image, label, intention and concept."""

SECRET: Final = Post(
    "s:secret",
    "a zebrafinch " * 500,
    "s",
    hashtags=("quokkagram",),
    image_description="narwhalist " * 20,
    labels={"axolotlish": "1"},
)
WISH: Final = Intention.of(Relation.X_WANT, "be wombatwise")
THING: Final = Concept.of("/c/en/okapiness")


def graph() -> Batch:
    """Return many posts, one of them the secret."""
    others = [Post(f"s:{n}", f"a plain text of number {n} " * 20, "s") for n in range(POSTS)]
    return Batch(
        posts=(*others[: POSTS // 2], SECRET, *others[POSTS // 2 :]),
        intentions=(WISH,),
        concepts=(THING,),
        has_intention=(HasIntention(SECRET.id, WISH.id, "be wombatwise"),),
        judgements=(Judgement(SECRET.id, WISH.id, "ann", "accepted"),),
        mentions=(Mentions(SECRET.id, THING.id, Aspect.KEYWORD, "okapiness"),),
    )


def embeddings(rows: int) -> Vector:
    values = np.random.default_rng(1).normal(size=(rows, 32)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


async def filled(store: GraphStore) -> bytes:
    """Load and embed; return the bytes of the secret's embedding."""
    await store.put(graph())
    await store.require_model(EmbeddingModel("random", "1", 32))
    rows = await store.unembedded(NodeKind.POST, limit=1000)
    vectors = embeddings(len(rows))
    await store.put_embeddings(NodeKind.POST, [post_id for post_id, _ in rows], vectors)
    await store.refresh()
    place = [post_id for post_id, _ in rows].index(SECRET.id)
    return vectors[place].astype(np.float16).tobytes()


def found(folder: Path, words: tuple[bytes, ...]) -> set[bytes]:
    """Return those words that some file below a folder holds."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {word for word in words if any(word in held for held in files)}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a few hundred embeddings be worth a file."""
    monkeypatch.setattr(vectors, "BLOCK_LIMIT", 50)


async def test_no_byte_of_a_deleted_post_is_left(tmp_path: Path) -> None:
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as store:
        words = (*OWN, SECRET.id.encode(), await filled(store))
        assert found(tmp_path, words) == set(words)
        assert found(tmp_path / "graph.db.index", words[-1:])

        await store.delete_post(SECRET.id)
        left = await store.purge()

        assert left == ()
        assert found(tmp_path, words) == set()
        assert await store.match(NodeKind.POST, "zebrafinch", 10) == []
        assert len(await store.nearest(NodeKind.POST, embeddings(1)[0], 1000)) == POSTS


async def test_purging_waits_for_another_that_reads_and_says_so(tmp_path: Path) -> None:
    settings = StoreSettings(url=f"sqlite:///{tmp_path}/graph.db", timeout_s=0.2)
    async with connect(settings) as store:
        await filled(store)
        other = sqlite3.connect(tmp_path / "graph.db", isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM post").fetchone()
        await store.delete_post(SECRET.id)
        with pytest.raises(StoreBusyError, match="miko purge"):
            await store.purge()
        other.close()

        await store.purge()

        assert found(tmp_path, OWN) == set()
