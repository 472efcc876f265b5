"""The only door to the graph: what every store promises (docs/architecture.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kg.deletion import Deletion
from kg.hops import Hops, Subgraph
from kg.plan import SearchPlan
from kg.setup import Progress, SetUp, silent
from schema.facets import Facet
from schema.graph import (
    EVERYTHING,
    About,
    Batch,
    Filter,
    HasIntention,
    Judgement,
    Mentions,
    Related,
    Written,
)
from schema.nodes import Concept, Intention, NodeKind, Post, Run
from schema.relations import Relation

Vector = NDArray[np.float32]
"""Embeddings: (dimensions,) or (n, dimensions) float32, of unit length."""

SIMILARITY_DIGITS = 6
"""Similarities are rounded to this many digits, so that all stores order alike."""

RELEVANCE_DIGITS = 4
"""Relevance is rounded to this many digits before it is compared: the last bits of a sum depend on
the order of its parts, and stores sum in single precision."""


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """Which model embedded the graph."""

    name: str
    revision: str
    dimensions: int

    def __str__(self) -> str:
        """Name it as messages do."""
        return f"{self.name}@{self.revision or 'unknown'} ({self.dimensions} dimensions)"


@dataclass(frozen=True, slots=True)
class Near:
    """A node found by its embedding; similarity is the cosine, in [-1, 1]."""

    id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Match:
    """A node found by its words; relevance is BM25, above 0, comparable within one answer."""

    id: str
    relevance: float


@dataclass(frozen=True, slots=True)
class DivergentPair:
    """Two intentions of one post, by their ids; similarity is their cosine, in [-1, 1]."""

    post_id: str
    first_id: str
    second_id: str
    similarity: float

    @property
    def key(self) -> tuple[float | str, ...]:
        """Its similarity and ids, for rankings (kg.ranking)."""
        return self.similarity, self.post_id, self.first_id, self.second_id


@dataclass(frozen=True, slots=True)
class HeldIntention:
    """An intention as a post has it."""

    intention: Intention
    has: HasIntention
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True)
class MentionedConcept:
    """A concept as a post mentions it."""

    concept: Concept
    mentions: Mentions


@dataclass(frozen=True, slots=True)
class LinkedConcept:
    """A concept that an intention is about."""

    concept: Concept
    about: About


@dataclass(frozen=True, slots=True)
class Counts:
    """What is in the graph.

    Attributes:
        nodes: By label, ``Run`` included.
        relationships: By type.
        posts_by_source: By source.
        intentions_by_relation: Nodes by relation.
        has_intention_by_relation: Relationships by relation.
        mentions_by_aspect: By aspect.
        related_by_source: By source.
        related_by_relation: By relation.
        embedded: Nodes with an embedding, by label.
        judgements: Number of human judgements.
    """

    nodes: Mapping[str, int]
    relationships: Mapping[str, int]
    posts_by_source: Mapping[str, int]
    intentions_by_relation: Mapping[str, int]
    has_intention_by_relation: Mapping[str, int]
    mentions_by_aspect: Mapping[str, int]
    related_by_source: Mapping[str, int]
    related_by_relation: Mapping[str, int]
    embedded: Mapping[str, int]
    judgements: int


@dataclass(frozen=True, slots=True)
class Page:
    """Ids in rising order, and whether more follow."""

    ids: tuple[str, ...] = field(default_factory=tuple)
    more: bool = False


class GraphStore(Protocol):
    """Where the knowledge graph lives.

    What is written by ``put``, ``replace_about`` and ``put_embeddings`` is one transaction, and so
    is what is read by ids. A search or a traversal may be several statements, where what it finds
    tells what to ask next. Ids that name nothing give None or an empty list in their place; a list
    answers its ids one for one, in the order asked, repeats included. Every method may raise
    StoreError.
    """

    # Writing

    async def put(self, batch: Batch) -> Written:
        """Write a batch, whole or not at all; again changes nothing; batches commute.

        A node that is there takes what the new one adds: labels, hashtags and images are united,
        the longer image description stands (then the greater string), the later concept kind,
        the greater value of a label, plausibility and weight; the lesser raw text and choice. A
        plausibility that a run estimated goes before one that came with the text.

        Raises:
            NodeNotFoundError: A relationship's end is in neither.
            TextConflictError: A post's id is taken by another text.
            DeletedPostError: A post was deleted, and is not allowed again.
            StoreBusyError, StoreFullError: See there.
        """
        ...

    async def delete_post(self, post_id: str) -> Deletion:
        """Delete a post, its relationships, and what nothing else holds, in one transaction.

        An intention goes that no other post has or judged, a concept that no other post mentions,
        no other intention is about and no commonsense names, a run that no relationship names;
        their embeddings go with them. The id is remembered as a hash (kg.deletion.tombstone), and
        ``put`` refuses it. What a shared node took from the post stays: a concept's kind.

        Raises:
            UnknownIdError: There is no such post, and none was deleted.
            DeletedPostError: It was deleted before.
        """
        ...

    async def deleted(self, post_ids: Sequence[str]) -> list[str | None]:
        """Return when each post was deleted, ISO 8601, UTC; None where it was not."""
        ...

    async def allow_deleted(self, post_ids: Sequence[str]) -> int:
        """Let deleted posts be written again; return how many there were. Writes no version."""
        ...

    async def purge(self) -> Sequence[str]:
        """Clear what was deleted out of the unused space of the store's files, indexes included.

        It takes as long as writing the graph anew. Safe to stop and to run again.

        Returns:
            Where bytes of it may be left that the store cannot clear, each with the way out; empty
            where there are none.

        Raises:
            StoreBusyError: Another process reads or writes for longer than the limit.
            StoreFullError: There is no room for a second copy of the graph.
        """
        ...

    async def replace_about(self, intention_ids: Sequence[str], about: Sequence[About]) -> Written:
        """Make these the only ABOUT relationships of these intentions; same rules as put."""
        ...

    async def replace_plausibility(self, has_intention: Sequence[HasIntention]) -> Written:
        """Give pairs this plausibility and estimator, in place of what they have.

        A pair, as its run said it, that is not in the graph is passed over; again changes nothing.

        Raises:
            NodeNotFoundError: A node or run that is named is not in the graph.
        """
        ...

    async def require_model(self, model: EmbeddingModel) -> None:
        """Record the embedding model of an empty graph, or check that it is the graph's.

        Raises:
            EmbeddingModelError: The graph was embedded by another.
        """
        ...

    async def replace_model(self, model: EmbeddingModel) -> None:
        """Drop all embeddings and record this model."""
        ...

    async def put_embeddings(self, kind: NodeKind, ids: Sequence[str], embeddings: Vector) -> int:
        """Write embeddings, (n, dimensions), kept at half precision; return how many changed.

        Raises:
            NodeNotFoundError: An id names no node.
            EmbeddingModelError: The dimensions are not the model's, or no model is recorded.
        """
        ...

    async def set_up(self, progress: Progress = silent) -> SetUp:
        """Make the constraints and indexes that are missing, and wait until all can be asked.

        One of another definition is searched until the new one is built. Safe to stop and to
        run again. Opening a store to load does the same, but for the vector indexes.
        """
        ...

    async def refresh(self) -> None:
        """Bring the derived indexes up to what is written, and keep them on disk."""
        ...

    async def reindex(self) -> None:
        """Build the derived indexes anew."""
        ...

    async def set_mark(self, name: str, version: int) -> None:
        """Remember that a stage (``link``) has seen everything up to a version."""
        ...

    # Reading nodes

    async def identity(self) -> str:
        """Return what the graph was named when it was made, "" where it was not.

        No other graph has it, but a copy of its files.
        """
        ...

    async def version(self) -> int:
        """Return the number of the last change; 0 for an empty graph."""
        ...

    async def mark(self, name: str) -> int:
        """Return the version that a stage has seen; 0 where it never ran."""
        ...

    async def model(self) -> EmbeddingModel | None:
        """Return the model that embedded the graph."""
        ...

    async def posts(self, ids: Sequence[str]) -> list[Post | None]:
        """Return posts by id."""
        ...

    async def intentions(self, ids: Sequence[str]) -> list[Intention | None]:
        """Return intentions by id."""
        ...

    async def concepts(self, ids: Sequence[str]) -> list[Concept | None]:
        """Return concepts by id."""
        ...

    async def runs(self, ids: Sequence[str]) -> list[Run | None]:
        """Return runs by id."""
        ...

    async def run_ids(self, *, after: str = "", limit: int = 100) -> Page:
        """Return the ids of runs, in rising order, from behind an id."""
        ...

    async def embeddings(self, kind: NodeKind, ids: Sequence[str]) -> list[Vector | None]:
        """Return embeddings by id, each (dimensions,)."""
        ...

    async def ids(
        self, kind: NodeKind, *, where: Filter = EVERYTHING, after: str = "", limit: int = 100
    ) -> Page:
        """Return the ids of nodes that pass, in rising order, from behind an id."""
        ...

    async def changed(
        self, kind: NodeKind, *, since: int, after: str = "", limit: int = 10_000
    ) -> list[tuple[str, str]]:
        """Return (id, text) of nodes written after a version, by rising id, behind an id.

        A post that took what a later load added was written again.
        """
        ...

    async def unembedded(self, kind: NodeKind, *, limit: int) -> list[tuple[str, str]]:
        """Return (id, text to embed) of nodes without an embedding; order is the store's own.

        A post's text to embed is its text, or its image's description where it has none but
        blanks (space, tab, line ends).
        """
        ...

    async def count(self, kind: NodeKind, where: Filter = EVERYTHING) -> int:
        """Return how many nodes pass."""
        ...

    async def counts(self) -> Counts:
        """Count everything."""
        ...

    async def facet(
        self, kind: NodeKind, by: Facet, where: Filter = EVERYTHING
    ) -> Mapping[str, int]:
        """Count posts or intentions by the values that they have in pairs that pass.

        A node counts once for each value; values that none has are not there, nor is "". In no
        order. The count of a value is what ``count`` gives for the filter and the value's own
        (schema.facets.filter_of).

        Raises:
            QueryError: Concepts are not counted by facets.
        """
        ...

    # Reading relationships

    async def intentions_of(
        self, post_ids: Sequence[str], relations: Sequence[Relation] = ()
    ) -> list[list[HeldIntention]]:
        """Return each post's intentions, by MIKO's relation order, then intention id, then run."""
        ...

    async def posts_of(
        self, intention_ids: Sequence[str], *, limit: int, where: Filter = EVERYTHING
    ) -> list[list[str]]:
        """Return the ids of the posts whose pair with each intention passes, rising, to a limit."""
        ...

    async def plausibilities(
        self, kind: NodeKind, ids: Sequence[str], where: Filter = EVERYTHING
    ) -> list[float | None]:
        """Return the greatest plausibility of each node's pairs that pass; None where none has one.

        Raises:
            QueryError: Concepts are in no pair.
        """
        ...

    async def mentions_of(self, post_ids: Sequence[str]) -> list[list[MentionedConcept]]:
        """Return each post's concepts, by aspect in its declared order, then id, raw and run."""
        ...

    async def about_of(self, intention_ids: Sequence[str]) -> list[list[LinkedConcept]]:
        """Return what each intention is about, by falling confidence, then rising id."""
        ...

    async def judgements_of(self, post_ids: Sequence[str]) -> list[list[Judgement]]:
        """Return what was judged of each post, by intention id, then annotator, then time.

        Those of intentions that the post does not have are among them.
        """
        ...

    async def related_of(self, concept_ids: Sequence[str]) -> list[list[Related]]:
        """Return RELATED from each concept, as head, by relation, then tail id, then source."""
        ...

    # Searching

    async def nearest(
        self, kind: NodeKind, query: Vector, k: int, where: Filter = EVERYTHING
    ) -> list[Near]:
        """Return the k nodes nearest to a unit vector among those that pass.

        By falling similarity, ties by rising id. If k nodes pass, k come back. Nodes without an
        embedding do not take part.
        """
        ...

    async def plan(self, kind: NodeKind, k: int, where: Filter = EVERYTHING) -> SearchPlan:
        """Say how ``nearest`` finds the k nodes now; its numbers may be those of a minute ago."""
        ...

    async def match(
        self, kind: NodeKind, text: str, k: int, where: Filter = EVERYTHING
    ) -> list[Match]:
        """Return the k nodes whose words match best (BM25, any of the words) and that pass.

        By falling relevance, ties by rising id. The text is text: no character is an operator. A
        text without a word gives an empty list. A post's words are those of its text and of its
        image's description.
        """
        ...

    async def divergent(
        self, relations: tuple[Relation, Relation], k: int, where: Filter = EVERYTHING
    ) -> list[DivergentPair]:
        """Return of k posts the intentions of two relations that are least alike.

        Of a post, the pair is that of the greatest cosine, ties by rising ids: what it has of one
        relation is as far from what it has of the other as these two are. Posts come by rising
        similarity, ties by rising id. Only intentions with which a post passes take part, and
        that have an embedding; a post that has none of one relation does not.
        """
        ...

    async def traverse(self, start_id: str, hops: Hops) -> Subgraph:
        """Follow relationships, both ways, breadth first from a node, each node once.

        Where the store must first plan how, that takes longer than ``hops.timeout_s``, once.

        Raises:
            UnknownIdError: There is no such node.
        """
        ...
