"""Relationships of the graph, the batch in which they are written, and what a filter says."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum

from schema.nodes import Concept, Intention, Post, Run
from schema.relations import Relation

NO_RUN = ""
"""The run of a relationship that no model made."""


class RelationshipType(StrEnum):
    """The relationship types, as Cypher writes them."""

    HAS_INTENTION = "HAS_INTENTION"
    MENTIONS = "MENTIONS"
    ABOUT = "ABOUT"
    RELATED = "RELATED"


class Aspect(StrEnum):
    """Which part of the key information a mention comes from."""

    CONCEPT = "concept"
    ACTION = "action"
    OBJECT = "object"
    EMOTION = "emotion"
    KEYWORD = "keyword"
    HASHTAG = "hashtag"


@dataclass(frozen=True, slots=True)
class HasIntention:
    """``(Post)-[HAS_INTENTION]->(Intention)``; one for each run that said it.

    Attributes:
        post_id: The post.
        intention_id: The intention.
        raw: The text as generated; where a run wrote it twice, the lesser string stands.
        run_id: The run, or NO_RUN.
        plausibility: In [0, 1], where something judged it; else None.
    """

    post_id: str
    intention_id: str
    raw: str
    run_id: str = NO_RUN
    plausibility: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one annotator chose for a post's intention; ``time`` is ISO 8601 or empty."""

    post_id: str
    intention_id: str
    annotator: str
    choice: str
    time: str = ""


@dataclass(frozen=True, slots=True)
class Mentions:
    """``(Post)-[MENTIONS]->(Concept)``; ``raw`` is the string that was normalised."""

    post_id: str
    concept_id: str
    aspect: Aspect
    raw: str
    run_id: str = NO_RUN


@dataclass(frozen=True, slots=True)
class About:
    """``(Intention)-[ABOUT]->(Concept)``: how it was linked, and how surely, in (0, 1]."""

    intention_id: str
    concept_id: str
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Related:
    """``(Concept)-[RELATED]->(Concept)``: one assertion of one source.

    Attributes:
        head_id: The head.
        relation: ConceptNet's name (``UsedFor``), ATOMIC's (``xWant``) or CSKG's (``mw:…``).
        tail_id: The tail.
        source: Who says so: ``conceptnet``, ``atomic``, ``cskg:VG``.
        weight: Positive; ConceptNet's scale, where 1 is one plain assertion.
        licence: Of the source, as it names it; empty where unknown.
    """

    head_id: str
    relation: str
    tail_id: str
    source: str
    weight: float = 1.0
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes: all of it, or nothing.

    Nodes may repeat within a batch and be in the graph already; each end of a relationship must
    be in the batch or in the graph.
    """

    posts: tuple[Post, ...] = ()
    intentions: tuple[Intention, ...] = ()
    concepts: tuple[Concept, ...] = ()
    runs: tuple[Run, ...] = ()
    has_intention: tuple[HasIntention, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    mentions: tuple[Mentions, ...] = ()
    about: tuple[About, ...] = ()
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """The ids of the nodes that a batch writes or whose relationships it writes; no NO_RUN."""

    posts: Set[str]
    intentions: Set[str]
    concepts: Set[str]
    runs: Set[str]


def named(batch: Batch) -> Named:
    """Return the ids of the nodes that a batch names."""
    posts = {p.id for p in batch.posts}
    posts.update(r.post_id for r in (*batch.has_intention, *batch.judgements, *batch.mentions))
    intentions = {i.id for i in batch.intentions}
    intentions.update(
        r.intention_id for r in (*batch.has_intention, *batch.judgements, *batch.about)
    )
    concepts = {c.id for c in batch.concepts}
    concepts.update(r.concept_id for r in (*batch.mentions, *batch.about))
    concepts.update(end for r in batch.related for end in (r.head_id, r.tail_id))
    runs = {r.id for r in batch.runs}
    runs.update(r.run_id for r in (*batch.has_intention, *batch.mentions))
    return Named(posts, intentions, concepts, runs - {NO_RUN})


@dataclass(frozen=True, slots=True)
class Filter:
    """Which pairs of a post and one of its intentions an answer may draw on.

    A pair is in when all of these hold: the intention's relation is one of ``relations``; the
    post's source is one of ``sources``; the post has every label and hashtag; its key
    information has every emotion; each concept is mentioned by the post or is what the
    intention is about. An empty field asks for nothing.

    A post or an intention passes when some pair of it is in, a concept when some such pair
    touches it. Without ``relations``, a post that has no intention counts as a pair of its own.

    Attributes:
        relations: Any of these.
        sources: Any of these.
        labels: All of these, name to value.
        hashtags: All of these, case-folded, without ``#``.
        concepts: All of these, as URIs.
        emotions: All of these, as URIs of concepts.
    """

    relations: tuple[Relation, ...] = ()
    sources: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    hashtags: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything passes."""
        return self == EVERYTHING

    @property
    def only_relations(self) -> bool:
        """Whether the filter asks for nothing of the post and no concept."""
        return Filter(relations=self.relations) == self


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Written:
    """How many nodes and relationships a write added or changed, by label and type."""

    counts: Mapping[str, int] = field(default_factory=dict[str, int])

    def __add__(self, other: "Written") -> "Written":
        """Return the counts of both."""
        keys = self.counts.keys() | other.counts.keys()
        return Written({k: self.counts.get(k, 0) + other.counts.get(k, 0) for k in sorted(keys)})

    @property
    def total(self) -> int:
        """The sum over all kinds."""
        return sum(self.counts.values())
