"""What ATOMIC would predict for a post, beside what the graph holds of it.

ATOMIC says of an event what its author wants, feels or does next. The events nearest to a post by
meaning are taken for what happens in it, and their tails for the intentions to be expected. One
that is expected is there where the post has an intention of the same relation that means about
the same: by the cosine of both embeddings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.asked import check_text, embedded, embeddings_of, known_embeddings
from kg.embedder import Embedder
from kg.embeddings import cosines
from kg.order import RELATION_PLACE
from kg.store import GraphStore, HeldIntention, Near, Vector
from schema.errors import QueryError
from schema.graph import Related
from schema.nodes import NodeKind, key_as
from schema.relations import Relation

PREDICTED: Final = tuple(relation for relation in Relation if relation is not Relation.OPEN)
"""The relations that ATOMIC has, in MIKO's order."""

HEAD_LIMIT: Final = 50
"""Most events that a prediction is drawn from."""

CONCEPT_LIMIT: Final = 4096
"""How many of the concepts nearest to a post are looked at for events, at most."""

CONCEPTS_A_HEAD: Final = 16
"""How many concepts are looked at first for each event that is asked for."""

SIMILARITY: Final = 0.45
"""From which cosine on an intention says what was predicted, unless told: where the packaged model
tells a post's own events best from another post's (docs/graphql.md)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event near the post, and who says that it leads to the tail, by source."""

    head: Near
    assertions: tuple[Related, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """An intention to be expected.

    Attributes:
        relation: One of PREDICTED.
        tail_id: The concept that the events lead to.
        evidence: The events that do, by falling similarity to the post, ties by rising id.
        nearest: The post's intention of this relation that is nearest to the tail, ties by rising
            id; None where the post has none, or there is no embedding to compare.
    """

    relation: Relation
    tail_id: str
    evidence: tuple[Evidence, ...]
    nearest: Near | None


@dataclass(frozen=True, slots=True)
class Said:
    """An intention that the post has, and the nearest tail predicted for its relation, if any."""

    intention_id: str
    relation: Relation
    nearest: Near | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was predicted for a post, and what it has.

    Attributes:
        heads: The events nearest to it, by falling similarity, ties by rising id.
        predicted: By falling similarity of the nearest event, then by more events, then in MIKO's
            order of relations, then by rising id of the tail.
        said: The post's intentions of the relations in PREDICTED, each once, in MIKO's order, then
            by rising id.
        similarity: From which cosine on the two mean the same.
    """

    heads: tuple[Near, ...]
    predicted: tuple[Prediction, ...]
    said: tuple[Said, ...]
    similarity: float

    @property
    def lacking(self) -> tuple[Prediction, ...]:
        """What was predicted, and no intention of the post says."""
        return tuple(one for one in self.predicted if not self.agrees(one.nearest))

    @property
    def unforeseen(self) -> tuple[Said, ...]:
        """What the post has, and nothing predicted comes near."""
        return tuple(one for one in self.said if not self.agrees(one.nearest))

    def agrees(self, nearest: Near | None) -> bool:
        """Whether the nearest of the other side means the same."""
        return nearest is not None and nearest.similarity >= self.similarity


async def predict(
    store: GraphStore, post_id: str, *, heads: int = 10, similarity: float = SIMILARITY
) -> Comparison:
    """Compare a post's intentions with those that ATOMIC predicts for it.

    Args:
        store: The graph.
        post_id: The post.
        heads: How many events to draw on, 1 to HEAD_LIMIT; there may be fewer among the
            CONCEPT_LIMIT concepts nearest to the post.
        similarity: From which cosine on two texts mean the same, -1 to 1.

    Raises:
        UnknownIdError: There is no such post, or the id is of another kind.
        QueryError: It has no embedding, or a bound is out of range.
    """
    _check(heads, similarity)
    (embedding,) = await embeddings_of(store, [key_as(NodeKind.POST, post_id)])
    (held,) = await store.intentions_of([post_id], PREDICTED)
    return await _compared(store, embedding, held, heads, similarity)


async def predict_for_text(
    store: GraphStore,
    embedder: Embedder,
    text: str,
    *,
    heads: int = 10,
    similarity: float = SIMILARITY,
) -> Comparison:
    """Say what ATOMIC predicts for a text that is not in the graph: all of it is lacking.

    Raises:
        QueryError: The text is empty or no text, or a bound is out of range.
        EmbeddingModelError: The graph was embedded by another model than the embedder's.
    """
    _check(heads, similarity)
    check_text(text)
    (embedding,) = await embedded(store, embedder, [text])
    return await _compared(store, embedding, (), heads, similarity)


def _check(heads: int, similarity: float) -> None:
    if not 1 <= heads <= HEAD_LIMIT:
        raise QueryError(f"asked for {heads} heads: 1 to {HEAD_LIMIT}")
    if not -1 <= similarity <= 1:
        raise QueryError(f"asked for a similarity of {similarity}: -1 to 1")


async def _compared(
    store: GraphStore,
    query: Vector,
    held: Sequence[HeldIntention],
    heads: int,
    similarity: float,
) -> Comparison:
    found = await _heads(store, query, heads)
    expected = _expected(found)
    own = _by_relation((one.intention.relation, one.intention.id) for one in held)
    tails = await known_embeddings(store, NodeKind.CONCEPT, (tail_id for _, tail_id in expected))
    said = await known_embeddings(store, NodeKind.INTENTION, (one.intention.id for one in held))
    to_tails = _by_relation(expected)
    near_said = {r: _nearest(tails, to_tails[r], said, own[r]) for r in PREDICTED}
    near_tail = {r: _nearest(said, own[r], tails, to_tails[r]) for r in PREDICTED}
    predicted = [
        Prediction(relation, tail_id, tuple(evidence), near_said[relation].get(tail_id))
        for (relation, tail_id), evidence in expected.items()
    ]
    return Comparison(
        heads=tuple(near for near, _ in found),
        predicted=tuple(sorted(predicted, key=_order)),
        said=tuple(Said(i, r, near_tail[r].get(i)) for r in PREDICTED for i in own[r]),
        similarity=similarity,
    )


def _order(one: Prediction) -> tuple[float, int, int, str]:
    nearest, place = one.evidence[0].head, RELATION_PLACE[one.relation]
    return -nearest.similarity, -len(one.evidence), place, one.tail_id


async def _heads(store: GraphStore, query: Vector, count: int) -> list[tuple[Near, list[Related]]]:
    """Return the nearest events with what they lead to: the circle widens until it has enough."""
    k = CONCEPTS_A_HEAD * count
    known: dict[str, list[Related]] = {}
    while True:
        near = await store.nearest(NodeKind.CONCEPT, query, k)
        new = [hit.id for hit in near if hit.id not in known]
        for concept_id, related in zip(new, await store.related_of(new), strict=True):
            # A concept is an event where it has one of these: ConceptNet's have other names.
            known[concept_id] = [one for one in related if one.relation in PREDICTED]
        found = [(hit, known[hit.id]) for hit in near if known[hit.id]]
        if len(found) >= count or len(near) < k or k == CONCEPT_LIMIT:
            return found[:count]
        k = min(4 * k, CONCEPT_LIMIT)


def _expected(
    found: Iterable[tuple[Near, Sequence[Related]]],
) -> dict[tuple[Relation, str], list[Evidence]]:
    """Return for each relation and tail the events that lead to it, the nearest first."""
    expected: dict[tuple[Relation, str], list[Evidence]] = {}
    for head, related in found:
        said: dict[tuple[Relation, str], list[Related]] = {}
        for one in related:
            said.setdefault((Relation(one.relation), one.tail_id), []).append(one)
        for tail, assertions in said.items():
            expected.setdefault(tail, []).append(Evidence(head, tuple(assertions)))
    return expected


def _by_relation(pairs: Iterable[tuple[Relation, str]]) -> dict[Relation, list[str]]:
    """Return for each relation its ids, rising, each once."""
    each = sorted(set(pairs))
    return {r: [node_id for other, node_id in each if other is r] for r in PREDICTED}


def _nearest(
    embeddings: Mapping[str, Vector],
    ids: Iterable[str],
    others: Mapping[str, Vector],
    other_ids: Iterable[str],
) -> dict[str, Near]:
    """Return for each id the nearest of the others, which rise; what has no embedding is out."""
    rows, columns = [i for i in ids if i in embeddings], [i for i in other_ids if i in others]
    if not rows or not columns:
        return {}
    alike = cosines([embeddings[i] for i in rows], [others[i] for i in columns])
    best = alike.argmax(axis=1)  # the first of equals
    return {
        i: Near(columns[int(place)], float(own[place]))
        for i, own, place in zip(rows, alike, best, strict=True)
    }
