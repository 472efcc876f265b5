"""Embeddings changed, and ranking by the cosine of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluation.bootstrap import Floats
from evaluation.plausibility.pairs import Pair
from evaluation.searching.graded import Query
from evaluation.searching.material import Corpus, EmbeddedPost, Material, Row
from evaluation.searching.measures import DEEP
from kg.embedder import Embedder
from schema.relations import Relation

SHRINKAGE: Final = 0.5
"""Share of a sphere in the scatter that is projected away, so that it can be inverted."""


@dataclass(frozen=True, slots=True)
class Space:
    """Where answers and questions lie, of any length.

    Attributes:
        corpus: (n, dimensions), in the order of the corpus.
        queries: (q, dimensions), in the order of the queries.
    """

    corpus: Floats
    queries: Floats


def by_cosine(corpus: Corpus, queries: Sequence[Query], space: Space) -> list[list[str]]:
    """Rank by cosine to six digits, filtered as each query asks; ties by rising id."""
    rows, asking = _unit(space.corpus), _unit(space.queries)
    relations = np.array([relation.value for relation in corpus.relations])
    answers: list[list[str]] = []
    for query, row in zip(queries, asking, strict=True):
        similarities = _similarities(rows, row)
        if query.within is not None:
            similarities[relations != query.within.value] = -np.inf
        order: list[int] = np.argsort(-similarities, kind="stable")[: DEEP + 1].tolist()
        kept = [corpus.ids[n] for n in order if np.isfinite(similarities[n])]
        answers.append([i for i in kept if i != query.node_id][:DEEP])
    return answers


async def framed(corpus: Corpus, queries: Sequence[Query], embedder: Embedder) -> Space:
    """Embed whole sentences, a relation's frame and the tail; what a person wrote, as it is."""
    tails = zip(corpus.relations, corpus.texts, strict=True)
    return Space(
        await _embedded(embedder, [relation.about.sentence(tail) for relation, tail in tails]),
        await _embedded(embedder, [_sentence(query) for query in queries]),
    )


async def embedded(corpus: Corpus, queries: Sequence[Query], embedder: Embedder) -> Space:
    """Embed all by another model."""
    return Space(
        await _embedded(embedder, corpus.texts),
        await _embedded(embedder, [query.text for query in queries]),
    )


def relation_centred(given: Material, corpus: Corpus, queries: Sequence[Query]) -> Space:
    """Take the mean of its relation from each intention, and that of posts from a post.

    The means are of the posts that are learnt from; a relation they lack keeps what it has.
    """
    means = _means(given)
    asking = [means[None if query.by_post else query.relation] for query in queries]
    return Space(
        corpus.embeddings - np.stack([means[relation] for relation in corpus.relations]),
        _asked(queries) - np.stack(asking),
    )


def projected(given: Material, corpus: Corpus, queries: Sequence[Query]) -> Space:
    """Move to where the intentions of one post scatter alike in all directions.

    Within-class covariance normalisation (Hatch, Kajarekar and Stolcke, Interspeech 2006), the
    post being the class: the cheapest fine-tuning there is. Intentions are taken from their own
    mean, posts from theirs; all of it is of the posts that are learnt from.
    """
    matrix = _whitening(given)
    of_intentions = np.mean([given.rows[p.has.intention_id] for p in _pairs(given)], axis=0)
    of_posts = np.mean([post.embedding for post in given.learnt], axis=0)
    means = [of_posts if query.by_post else of_intentions for query in queries]
    return Space(
        (corpus.embeddings - of_intentions) @ matrix, (_asked(queries) - np.stack(means)) @ matrix
    )


def _means(given: Material) -> Mapping[Relation | None, Floats]:
    """Return the mean of each relation's intentions, and under None that of posts."""
    rows: dict[Relation, list[Row]] = defaultdict(list)
    for pair in _pairs(given):
        rows[pair.relation].append(given.rows[pair.has.intention_id])
    posts = np.mean([post.embedding for post in given.learnt], axis=0)
    means = {r: np.mean(rows[r], axis=0) if rows[r] else np.zeros_like(posts) for r in Relation}
    return {None: posts, **means}


def _whitening(given: Material) -> Floats:
    within = np.concatenate([_around_mean(post, given) for post in given.learnt])
    scatter = within.T @ within / len(within)
    sphere = np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    values, vectors = np.linalg.eigh((1 - SHRINKAGE) * scatter + SHRINKAGE * sphere)
    return vectors / np.sqrt(np.maximum(values, 1e-12))


def _around_mean(post: EmbeddedPost, given: Material) -> Floats:
    ids = sorted({p.has.intention_id for p in post.pairs} & given.rows.keys())
    rows = np.array([given.rows[i] for i in ids], np.float64)
    return rows - rows.mean(axis=0) if ids else rows.reshape(0, len(post.embedding))


def _pairs(given: Material) -> list[Pair]:
    pairs = (pair for post in given.learnt for pair in post.pairs)
    return [pair for pair in pairs if pair.has.intention_id in given.rows]


def _asked(queries: Sequence[Query]) -> Floats:
    return np.array([query.embedding for query in queries], np.float64)


async def _embedded(embedder: Embedder, texts: Sequence[str]) -> Floats:
    return (await embedder.embed(texts)).astype(np.float64)


def _similarities(rows: Floats, row: Floats) -> Floats:
    """Return the cosine of each of the rows and a row, to six digits, (n,)."""
    return np.round(rows @ row, 6)


def _sentence(query: Query) -> str:
    if query.by_post or query.relation is None:
        return query.text
    return query.relation.about.sentence(query.text)


def _unit(rows: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(lengths, 1e-12)
