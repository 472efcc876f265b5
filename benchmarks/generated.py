"""A generated graph: deterministic, clustered, its words as unequal as a language's."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.store import EmbeddingModel, Vector
from schema.graph import About, Batch, HasIntention
from schema.nodes import Concept, Intention, Post
from schema.relations import Relation

DIMENSIONS: Final = 384
MODEL: Final = EmbeddingModel("generated", "1", DIMENSIONS)
PAPER_INTENTIONS: Final = 1_372_000
PAPER_CONCEPTS: Final = 200_000
ABOUT_EACH: Final = 2
BLOCK_POSTS: Final = 5000
VOCABULARY: Final = 20_000
CLUSTER_ROWS: Final = 70
CLUSTERS_OF_A_THEME: Final = 20
MEAN, THEME, CLUSTER, OWN = 0.36, 0.28, 0.20, 0.16
"""Shares of a vector's length, squared: what all have in common, its theme's, its cluster's, its
own. So two vectors drawn at random have a mean cosine of 0.36 and the tenth neighbour 0.82, as
the real sentences do."""

DECAY: Final = 0.75
"""The variance along the n-th axis falls as n to this power, as the real sentences' does."""

SEED: Final = 7
RELATIONS: Final = tuple(Relation)


@dataclass(frozen=True, slots=True)
class Block:
    """What one batch holds, and the embeddings of its intentions, in their order."""

    batch: Batch
    embeddings: Vector


class Generated:
    """A graph of so many intentions: ten a post, two concepts an intention, 384 dimensions.

    Words and concepts follow Zipf's law: the commonest concept has a hundredth of the
    intentions.
    """

    def __init__(self, intentions: int = PAPER_INTENTIONS) -> None:
        self.intentions = intentions
        self.posts = intentions // len(RELATIONS)
        self.concepts = max(1000, PAPER_CONCEPTS * intentions // PAPER_INTENTIONS)
        random = np.random.default_rng(SEED)
        clusters = intentions // CLUSTER_ROWS
        axes = np.arange(1, DIMENSIONS + 1, dtype=np.float32) ** np.float32(-DECAY)
        self._scale = np.sqrt(axes / axes.sum())
        mean = np.sqrt(MEAN) * unit(random.standard_normal((1, DIMENSIONS), np.float32))
        themes = mean + self._drawn(max(1, clusters // CLUSTERS_OF_A_THEME), THEME, random)
        places = random.integers(0, len(themes), clusters)
        self.centers = themes[places] + self._drawn(clusters, CLUSTER, random)
        self._words = _cumulative(VOCABULARY)
        self._concepts = _cumulative(self.concepts)

    def concept_batches(self) -> Iterator[Batch]:
        for start in range(0, self.concepts, 10_000):
            numbers = range(start, min(self.concepts, start + 10_000))
            yield Batch(concepts=tuple(Concept.of(concept_id(n)) for n in numbers))

    def blocks(self) -> Iterator[Block]:
        """Yield five thousand posts and what belongs to them at a time."""
        for start in range(0, self.posts, BLOCK_POSTS):
            yield self._block(range(start, min(self.posts, start + BLOCK_POSTS)))

    def vectors(self, rows: int, random: np.random.Generator) -> Vector:
        """Return unit vectors around centers drawn at random, (rows, 384)."""
        places = random.integers(0, len(self.centers), rows)
        return unit(self.centers[places] + self._drawn(rows, OWN, random))

    def queries(self, rows: int) -> Vector:
        """Return vectors of the same making that are not in the graph."""
        return self.vectors(rows, np.random.default_rng(SEED - 1))

    def phrases(self, count: int) -> list[str]:
        """Return queries of one to four of the hundred commonest words."""
        random = np.random.default_rng(SEED + 1)
        return [
            " ".join(word(n) for n in random.integers(0, 100, random.integers(1, 5)))
            for _ in range(count)
        ]

    def _drawn(self, rows: int, share: float, random: np.random.Generator) -> Vector:
        noise = random.standard_normal((rows, DIMENSIONS), np.float32) * self._scale
        return noise * np.float32(np.sqrt(share))

    def _block(self, numbers: range) -> Block:
        random = np.random.default_rng((SEED, numbers.start))
        rows = len(numbers) * len(RELATIONS)
        texts = self._texts(rows, random)
        posts = [
            Post(post_id(n), f"post {n} {texts[i * 10]}", "gen", labels=_labels(n))
            for i, n in enumerate(numbers)
        ]
        intentions = [
            Intention.of(RELATIONS[i % 10], f"{text} {numbers.start * 10 + i}")
            for i, text in enumerate(texts)
        ]
        drawn = _drawn(self._concepts, (rows, ABOUT_EACH), random)
        batch = Batch(
            posts=tuple(posts),
            intentions=tuple(intentions),
            has_intention=tuple(
                HasIntention(posts[i // 10].id, intention.id, intention.text)
                for i, intention in enumerate(intentions)
            ),
            about=tuple(
                About(intention.id, concept_id(n), "lemma", 0.9 if place == 0 else 0.7)
                for intention, own in zip(intentions, drawn.tolist(), strict=True)
                for place, n in enumerate(dict.fromkeys(own))
            ),
        )
        return Block(batch, self.vectors(rows, random))

    def _texts(self, rows: int, random: np.random.Generator) -> list[str]:
        lengths = random.integers(5, 16, rows)
        words = _drawn(self._words, (int(lengths.sum()),), random).tolist()
        ends = np.cumsum(lengths).tolist()
        return [
            " ".join(word(n) for n in words[end - length : end])
            for end, length in zip(ends, lengths.tolist(), strict=True)
        ]


def unit(vectors: NDArray[np.floating]) -> Vector:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def post_id(number: int) -> str:
    return f"gen:{number:07}"


def concept_id(number: int) -> str:
    return f"/c/en/concept_{number}"


def word(number: int) -> str:
    return f"w{number}q"


def _labels(number: int) -> dict[str, str]:
    """Return labels that one post in a hundred, and one in a thousand, has."""
    return {f"one_in_{n}": "1" for n in (100, 1000) if number % n == 0}


def _cumulative(size: int) -> NDArray[np.float64]:
    weights = 1 / (np.arange(size) + 10.0)
    return np.cumsum(weights / weights.sum())


def _drawn(
    cumulative: NDArray[np.float64], shape: tuple[int, ...], random: np.random.Generator
) -> NDArray[np.int64]:
    return np.searchsorted(cumulative, random.random(shape)).astype(np.int64)
