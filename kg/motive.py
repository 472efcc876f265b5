"""Likeness of intentions, in two parts: the topic, which their concepts explain, and the motive.

All embeddings of a model have much in common, so the means of intentions and of concepts are taken
from them first. The topic part of an intention is then its projection onto the span of its topics;
what is left is the motive part. What was measured: docs/decisions/0015-motive-and-topic.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from kg.asked import known_embeddings
from kg.store import SIMILARITY_DIGITS, GraphStore
from schema.graph import Aspect
from schema.nodes import NodeKind

Rows = NDArray[np.float64]

SAMPLE: Final = 256
"""Intentions whose mean, and the mean of whose concepts, stands for that of all: the first by id,
which is a hash."""

HOLDERS: Final = 10
"""Most posts of an intention that are asked what they mention."""

LEAST_LENGTH: Final = 1e-6
"""A part that is shorter is none; so is a direction of a span that concepts hardly have."""

NO_TOPIC: Final = frozenset({Aspect.ACTION, Aspect.EMOTION})
"""What a post mentions as such is no topic of its intentions."""


class Part(StrEnum):
    """What of two intentions is compared."""

    WHOLE = "whole"
    MOTIVE = "motive"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two intentions are: cosines in [-1, 1], 0 where one of them has no such part."""

    whole: float
    motive: float
    topic: float

    @property
    def parts(self) -> tuple[float, float, float]:
        """All three."""
        return self.whole, self.motive, self.topic

    def of(self, part: Part) -> float:
        """Return the cosine of a part."""
        return {Part.WHOLE: self.whole, Part.MOTIVE: self.motive, Part.TOPIC: self.topic}[part]


@dataclass(frozen=True, slots=True)
class Parted:
    """Embeddings of n intentions, each (n, dimensions).

    Attributes:
        stored: As they are in the store.
        centred: Without the mean of all.
        topic: The part of ``centred`` that the topics explain.
    """

    stored: Rows
    centred: Rows
    topic: Rows

    @property
    def motive(self) -> Rows:
        """The part of ``centred`` that no topic explains."""
        return self.centred - self.topic

    def likeness(self, row: int) -> list[Likeness]:
        """Compare one of the intentions with each of them, itself included."""
        parts = [_cosines(p, row) for p in (self.stored, self.motive, self.topic)]
        return [Likeness(*cosines) for cosines in zip(*parts, strict=True)]


async def parted(store: GraphStore, intention_ids: Sequence[str]) -> Parted:
    """Return the parts of intentions that have an embedding, in their order."""
    topics = await topics_of(store, intention_ids)
    concepts = await _embeddings(store, NodeKind.CONCEPT, {i for some in topics for i in some})
    found = await _embeddings(store, NodeKind.INTENTION, intention_ids)
    stored = np.array([found[i] for i in intention_ids])
    means = await _means(store)

    def work_out() -> Parted:
        spans = np.zeros((len(stored), max(map(len, topics), default=0), stored.shape[1]))
        for row, some in enumerate(topics):
            for place, concept_id in enumerate(i for i in some if i in concepts):
                spans[row, place] = concepts[concept_id] - means[NodeKind.CONCEPT]
        centred = stored - means[NodeKind.INTENTION]
        return Parted(stored, centred, topic_parts(centred, spans))

    return await anyio.to_thread.run_sync(work_out)


async def topics_of(store: GraphStore, intention_ids: Sequence[str]) -> list[list[str]]:
    """Return the topics of intentions: ids of concepts, each once.

    Of what an intention is about, those concepts are its topics that a post with it mentions, but
    for actions and emotions; where there are none, all are.
    """
    about = await store.about_of(intention_ids)
    holders = await store.posts_of(intention_ids, limit=HOLDERS)
    post_ids = list(dict.fromkeys(post_id for some in holders for post_id in some))
    mentioned = {
        post_id: {m.concept.id for m in some if m.mentions.aspect not in NO_TOPIC}
        for post_id, some in zip(post_ids, await store.mentions_of(post_ids), strict=True)
    }
    found: list[list[str]] = []
    for links, posts in zip(about, holders, strict=True):
        every = list(dict.fromkeys(link.concept.id for link in links))
        own = frozenset[str]().union(*(mentioned[post_id] for post_id in posts))
        found.append([i for i in every if i in own] or every)
    return found


async def _means(store: GraphStore) -> Mapping[NodeKind, Rows | float]:
    """Return the mean embedding of intentions, and of concepts; 0 where there is none."""
    sample = (await store.ids(NodeKind.INTENTION, limit=SAMPLE)).ids
    about = await store.about_of(sample)
    concepts = {link.concept.id for links in about for link in links}
    found = {
        NodeKind.INTENTION: await _embeddings(store, NodeKind.INTENTION, sample),
        NodeKind.CONCEPT: await _embeddings(store, NodeKind.CONCEPT, concepts),
    }
    return {
        kind: np.mean(list(some.values()), axis=0) if some else 0.0 for kind, some in found.items()
    }


async def _embeddings(store: GraphStore, kind: NodeKind, ids: Iterable[str]) -> dict[str, Rows]:
    found = await known_embeddings(store, kind, ids)
    return {node_id: embedding.astype(np.float64) for node_id, embedding in found.items()}


def topic_parts(whole: Rows, spans: NDArray[np.float64]) -> Rows:
    """Project embeddings, each onto a span of its own.

    Args:
        whole: (n, dimensions).
        spans: (n, concepts, dimensions), where rows of zeros stand for no concept.
    """
    across = spans.transpose(0, 2, 1)
    inverse = np.linalg.pinv(spans @ across, rcond=LEAST_LENGTH, hermitian=True)
    return (across @ (inverse @ (spans @ whole[:, :, np.newaxis])))[:, :, 0]


def _cosines(rows: Rows, row: int) -> list[float]:
    lengths = np.linalg.norm(rows, axis=1)
    products = lengths * lengths[row]
    cosines = np.divide(
        (rows * rows[row]).sum(axis=1),
        products,
        out=np.zeros(len(rows)),
        where=np.minimum(lengths, lengths[row]) > LEAST_LENGTH,
    )
    return [round(cosine, SIMILARITY_DIGITS) for cosine in np.clip(cosines, -1, 1).tolist()]
