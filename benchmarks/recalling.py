"""Recall on the real sentences, embedded by the real model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.exact import Exact, Keys
from benchmarks.generated import unit
from benchmarks.loading import FOLDER
from benchmarks.real_sentences import real_sentences
from benchmarks.report import quiet, section, table
from ingest.embed import embed
from kg.connect import connect
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings, StoreSettings
from kg.store import GraphStore, Vector
from schema.graph import EVERYTHING, Batch, Filter, HasIntention
from schema.nodes import Intention, NodeKind, Post
from schema.relations import Relation

SETTINGS: Final = StoreSettings(url=f"sqlite:///{FOLDER}/real/miko.db")
K: Final = 10
QUERIES: Final = 300
NOISE: Final = 0.02
"""Added to a sentence's vector: a query lies near what it asks for, and is not it."""

ROWS: Final = 20_000
SEED: Final = 5
LABELLED: Final = (
    "SELECT h.intention FROM post_label AS l JOIN has_intention AS h ON h.post = l.post "
    "WHERE l.name = '{}'"
)
SHARES: Final = ((1, 0.97), (10, 0.98), (100, 0.99), (1000, 1.0))


async def main() -> None:
    """Measure and report."""
    sentences = real_sentences()
    Path(SETTINGS.url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    async with connect(SETTINGS) as store, sentence_embedder(EmbedderSettings()) as embedder:
        await _load(store, sentences)
        await embed(store, embedder, progress=quiet)
        queries = _near(await embedder.embed(_drawn(sentences)))
        exact = Exact(SETTINGS.url)
        groups = [exact.keys(LABELLED.format(f"one_in_{share}")) for share, _ in SHARES]
        truth = exact.nearest(queries, K, groups)
        rows = [
            [
                f"{100 / share:g} %",
                await _recall(store, exact, queries, share, keys),
                asked,
            ]
            for (share, asked), keys in zip(SHARES, truth, strict=True)
        ]
    section(
        "recall",
        "Recall on real sentences",
        f"{len(sentences):,} sentences: MIKO's tails, and ATOMIC's heads with their tails, each "
        f"the intention of a post of its own; {QUERIES} queries near sentences of theirs, against "
        "exact search.",
        table(["of the nodes pass", "recall@10", "asked"], rows),
    )


async def _load(store: GraphStore, sentences: Sequence[str]) -> None:
    """Write the sentences; what is there already changes nothing."""
    for start in range(0, len(sentences), ROWS):
        some = list(enumerate(sentences[start : start + ROWS], start))
        intentions = [Intention.of(Relation.OPEN, text) for _, text in some]
        posts = [Post(f"real:{n}", f"post {n}", "real", labels=_labels(n)) for n, _ in some]
        has = [
            HasIntention(post.id, intention.id, intention.text)
            for post, intention in zip(posts, intentions, strict=True)
        ]
        await store.put(Batch(tuple(posts), tuple(intentions), has_intention=tuple(has)))


def _labels(number: int) -> dict[str, str]:
    return {f"one_in_{share}": "1" for share, _ in SHARES if number % share == 0}


def _drawn(sentences: Sequence[str]) -> list[str]:
    places = np.random.default_rng(SEED).choice(len(sentences), QUERIES, replace=False)
    return [sentences[int(place)] for place in places]


def _near(vectors: Vector) -> Vector:
    noise = np.random.default_rng(SEED).standard_normal(vectors.shape, np.float32)
    return unit(vectors + NOISE * noise)


async def _recall(store: GraphStore, exact: Exact, queries: Vector, share: int, truth: Keys) -> str:
    where = EVERYTHING if share == 1 else Filter(labels=((f"one_in_{share}", "1"),))
    right = 0
    for query, keys in zip(queries, truth, strict=True):
        found = await store.nearest(NodeKind.INTENTION, query, K, where)
        right += len({hit.id for hit in found} & exact.ids(keys))
    return f"{right / (K * len(queries)):.3f}"
