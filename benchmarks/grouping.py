"""Grouping intentions: how fast, how close, and how steady several algorithms are.

Steady: two samples of the same sentences, that have half of theirs in common, are grouped apart;
the adjusted Rand index says how far the groups of those in both agree. The sentences are real.
"""

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_sentences import real_sentences
from benchmarks.report import section, table
from kg.groups import SAMPLE, spheres
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings
from kg.store import Vector

TOP: Final = 10
ROUNDS: Final = 3
SEED: Final = 7

Labels = NDArray[np.int64]
Grouping = Callable[[Vector], Labels]
"""Gives each row its group; -1 where it has none."""


def by_spheres(similarity: float) -> Grouping:
    """Group as the API does."""

    def labels(embeddings: Vector) -> Labels:
        found = np.full(len(embeddings), -1)
        for number, rows in enumerate(spheres(embeddings, similarity)):
            found[rows] = number
        return found

    return labels


def by_means(groups: int) -> Grouping:
    """Group by spherical k-means (FAISS)."""
    faiss: Any = import_module("faiss")  # it has no types

    def labels(embeddings: Vector) -> Labels:
        means = faiss.Kmeans(embeddings.shape[1], groups, spherical=True, seed=SEED)
        means.train(embeddings)
        return means.index.search(embeddings, 1)[1][:, 0]

    return labels


def by_components(similarity: float) -> Grouping:
    """Group what is linked by a chain of pairs as similar as that."""
    csgraph: Any = import_module("scipy.sparse.csgraph")

    def labels(embeddings: Vector) -> Labels:
        return csgraph.connected_components(embeddings @ embeddings.T >= similarity)[1]

    return labels


ALGORITHMS: Final[dict[str, Callable[[], Grouping]]] = {
    **{f"spheres, {s}": lambda s=s: by_spheres(s) for s in (0.6, 0.7, 0.8)},
    "components, 0.8": lambda: by_components(0.8),
    "k-means, 90": lambda: by_means(90),
    "k-means, 800": lambda: by_means(800),
}
"""90 is the root of the number of sentences, 800 a group of ten each."""


async def main() -> None:
    """Measure and report."""
    sentences = real_sentences()
    order: list[int] = np.random.default_rng(SEED).permutation(len(sentences)).tolist()
    async with sentence_embedder(EmbedderSettings()) as embedder:
        embeddings = await embedder.embed([sentences[row] for row in order[:SAMPLE]])
    rows = [[name, *_measured(make(), embeddings)] for name, make in ALGORITHMS.items()]
    section(
        "group",
        "Groups of intentions",
        f"{len(embeddings):,} real sentences (MIKO's tails, ATOMIC's heads with tails), grouped by "
        f"several algorithms. Cohesion is the mean cosine of two members of the {TOP} largest "
        "groups, agreement the adjusted Rand index of two groupings of samples that have half of "
        "their sentences in common, over those. A number is a least similarity, or "
        "how many groups.",
        table(["algorithm", "seconds", f"in the {TOP} largest", "cohesion", "agreement"], rows),
    )


def _measured(grouping: Grouping, embeddings: Vector) -> list[str]:
    begun = time.perf_counter()
    labels = grouping(embeddings)
    took_s = time.perf_counter() - begun
    sizes = np.bincount(labels[labels >= 0])
    top = np.argsort(-sizes, kind="stable")[:TOP]
    share = sizes[top].sum() / len(labels)
    cohesion = float(np.mean([_cohesion(embeddings[labels == group]) for group in top]))
    agreements = [_agreement(grouping, embeddings, round_) for round_ in range(ROUNDS)]
    return [
        f"{took_s:.2f}",
        f"{share:.1%}",
        f"{cohesion:.3f}",
        f"{float(np.median(agreements)):.2f}",
    ]


def _cohesion(members: Vector) -> float:
    """Return the mean cosine of two members."""
    total = float(np.square(members.sum(axis=0)).sum())
    return (total - len(members)) / max(1, len(members) * (len(members) - 1))


def _agreement(grouping: Grouping, embeddings: Vector, seed: int) -> float:
    metrics: Any = import_module("sklearn.metrics")
    third = len(embeddings) // 3
    order = np.random.default_rng(seed).permutation(len(embeddings))
    both = order[:third]
    labels = [
        grouping(embeddings[np.concatenate([both, rest])])[:third]
        for rest in (order[third : 2 * third], order[2 * third :])
    ]
    return float(metrics.adjusted_rand_score(*labels))
