"""What the questions ask for beyond the generated graph: mentions, judgements, commonsense."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

import numpy as np

from benchmarks.generated import Generated, concept_id, post_id
from kg.store import GraphStore
from schema.graph import Aspect, Batch, Judgement, Mentions, Related
from schema.nodes import Concept, ConceptKind, NodeKind
from schema.relations import Relation

EMOTIONS: Final = 300
OBJECTS: Final = 5000
HEADS: Final = 10_000
TAILS: Final = 20_000
PREDICTED: Final = (Relation.X_WANT, Relation.X_REACT, Relation.O_REACT, Relation.O_WANT)
ROWS: Final = 10_000
MARK: Final = "questioned"
ONE_IN: Final = 100
"""Posts with a judged intention, as those with the label one_in_100."""

T = TypeVar("T")


async def questioned(store: GraphStore, graph: Generated) -> None:
    """Write what the questions ask for, unless it is there."""
    if await store.mark(MARK):
        return
    for batch in (*_mentions(graph), *_commonsense(graph)):
        await store.put(batch)
    await store.put(await _judged(store, graph))
    posts = [post_id(n) for n in range(graph.posts)]
    events = [_event(n) for n in range(HEADS)] + [_tail(n) for n in range(TAILS)]
    await _embed(store, graph, NodeKind.POST, posts)
    await _embed(store, graph, NodeKind.CONCEPT, events)
    await store.refresh()
    await store.set_mark(MARK, 1)


def _mentions(graph: Generated) -> Iterator[Batch]:
    random = np.random.default_rng(1)
    for numbers in _parts(range(graph.posts), ROWS):
        yield Batch(
            mentions=tuple(
                Mentions(post_id(n), concept_id(int(place)), aspect, "raw")
                for aspect, most in ((Aspect.EMOTION, EMOTIONS), (Aspect.OBJECT, OBJECTS))
                for n, place in zip(numbers, random.integers(0, most, len(numbers)), strict=True)
            )
        )


def _commonsense(graph: Generated) -> Iterator[Batch]:
    """Yield events with what follows from them, and what concepts are."""
    random = np.random.default_rng(2)
    yield from (
        Batch(concepts=tuple(Concept.of(_tail(n), ConceptKind.EVENT) for n in numbers))
        for numbers in _parts(range(TAILS), ROWS)
    )
    for numbers in _parts(range(HEADS), ROWS // 10):
        yield Batch(
            concepts=tuple(Concept.of(_event(n), ConceptKind.EVENT) for n in numbers),
            related=tuple(
                Related(_event(n), relation.value, _tail(int(random.integers(TAILS))), "atomic")
                for n in numbers
                for relation in PREDICTED
            ),
        )
    for numbers in _parts(range(0, graph.concepts, 2), ROWS):
        yield Batch(
            related=tuple(
                Related(concept_id(n), "IsA", concept_id(n // 2), "conceptnet")
                for n in numbers
                if n
            )
        )


async def _judged(store: GraphStore, graph: Generated) -> Batch:
    ids = [post_id(n) for n in range(0, graph.posts, ONE_IN)]
    held = await store.intentions_of(ids)
    return Batch(
        judgements=tuple(
            Judgement(post, own[0].has.intention_id, "ann", "accepted")
            for post, own in zip(ids, held, strict=True)
        )
    )


async def _embed(store: GraphStore, graph: Generated, kind: NodeKind, ids: Sequence[str]) -> None:
    random = np.random.default_rng(3)
    for some in _parts(ids, ROWS):
        await store.put_embeddings(kind, some, graph.vectors(len(some), random))


def _event(number: int) -> str:
    return f"/c/en/event_{number}"


def _tail(number: int) -> str:
    return f"/c/en/tail_{number}"


def _parts(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
