"""Relationships of the graph, the batch in which they are written, and what a filter says."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

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
    PICTURED = "pictured"


@dataclass(frozen=True, slots=True)
class HasIntention:
    """``(Post)-[HAS_INTENTION]->(Intention)``; one for each run that said it.

    Attributes:
        post_id: The post.
        intention_id: The intention.
        raw: The text as generated; where a run wrote it twice, the lesser string stands.
        run_id: The run, or NO_RUN.
        plausibility: In [0, 1], where something judged it; else None.
        estimator_id: The run that estimated the plausibility; NO_RUN where it came with the text.
    """

    post_id: str
    intention_id: str
    raw: str
    run_id: str = NO_RUN
    plausibility: float | None = None
    estimator_id: str = NO_RUN


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
    runs.update(r.estimator_id for r in batch.has_intention)
    return Named(posts, intentions, concepts, runs - {NO_RUN})


NARROWER_STEPS: Final = 3
"""How many IsA, one after the other, a narrower concept is away at most."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which pairs of a post and one of its intentions, as a run said it, an answer may draw on.

    A pair is in when all of these hold: the intention's relation is one of ``relations``; the
    post's source is one of ``sources``; the post has every label and hashtag; its key
    information has every emotion, and mentions each concept of ``mentions`` in that aspect; the
    intention is about each concept of ``about``; each of ``concepts`` is mentioned by the post or
    is what the intention is about, and so is each of ``kinds_of``, or a narrower concept; one
    judgement of the pair is by one of ``annotators`` and says
    one of ``choices``; the run is one of ``runs``, of one of ``models`` and with one of
    ``prompts``; the plausibility that this run's pair has is ``plausibility`` or more; the post is
    one of ``posts``, and the intention one of ``intentions``; each of ``all_of`` holds, one of
    ``any_of`` does, and none of ``none_of``. An empty field asks for nothing.

    A post or an intention passes when some pair of it is in, a concept when some such pair
    touches it. A post that has no intention counts as a pair of its own, of which nothing holds
    that is asked of an intention or a run, and so does an intention that no post has.

    Attributes:
        relations: Any of these.
        sources: Any of these.
        labels: All of these, name to value.
        hashtags: All of these, case-folded, without ``#``.
        concepts: All of these, as URIs.
        emotions: All of these, as URIs of concepts.
        mentions: All of these, as aspects and URIs.
        about: All of these, as URIs.
        kinds_of: All of these, as URIs; NARROWER_STEPS IsA at most lead to one from a narrower one.
        annotators: Any of these.
        choices: Any of these, as annotators chose.
        runs: Any of these, as ids.
        models: Any of these, as runs name them.
        prompts: Any of these, as the hashes that runs hold.
        plausibility: The least, in [0, 1]; a pair that has none is out, whatever is asked.
        posts: Any of these, as ids.
        intentions: Any of these, as ids.
        all_of: Filters, as are the next two; none of them is empty.
    """

    relations: tuple[Relation, ...] = ()
    sources: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    hashtags: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    mentions: tuple[tuple[Aspect, str], ...] = ()
    about: tuple[str, ...] = ()
    kinds_of: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    plausibility: float | None = None
    posts: tuple[str, ...] = ()
    intentions: tuple[str, ...] = ()
    all_of: tuple["Filter", ...] = ()
    any_of: tuple["Filter", ...] = ()
    none_of: tuple["Filter", ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything passes."""
        return self == EVERYTHING

    @property
    def only_relations(self) -> bool:
        """Whether the filter asks for nothing of the post and no concept."""
        return Filter(relations=self.relations) == self

    @property
    def asks_judgement(self) -> bool:
        """Whether a pair must have been judged."""
        return bool(self.annotators or self.choices)

    @property
    def asks_run(self) -> bool:
        """Whether something is asked of what said the pair, or of how plausible that is."""
        return bool(self.runs or self.models or self.prompts) or self.plausibility is not None

    @property
    def asks_pair(self) -> bool:
        """Whether something is asked that neither a post nor an intention has by itself."""
        return self.asks_judgement or self.asks_run

    @property
    def needs_post(self) -> bool:
        """Whether an intention that no post has cannot pass, whatever the parts ask."""
        of_posts = self.sources or self.labels or self.hashtags or self.mentioned or self.posts
        return self.asks_pair or bool(of_posts)

    @property
    def needs_intention(self) -> bool:
        """Whether a post that has no intention cannot pass, whatever the parts ask."""
        return self.asks_pair or bool(self.relations or self.about or self.intentions)

    @property
    def tells_intentions_apart(self) -> bool:
        """Whether of a post that passes some intentions of the relations asked may not."""
        own = self.concepts or self.about or self.kinds_of or self.intentions or self.parts
        return self.asks_pair or bool(own)

    @property
    def mentioned(self) -> tuple[tuple[Aspect, str], ...]:
        """What the post must mention, emotions among it, as aspects and URIs."""
        return (*((Aspect.EMOTION, uri) for uri in self.emotions), *self.mentions)

    @property
    def parts(self) -> tuple["Filter", ...]:
        """The filters of which it is made, besides its own conditions."""
        return (*self.all_of, *self.any_of, *self.none_of)

    @property
    def own(self) -> "Filter":
        """The filter without its parts."""
        return replace(self, all_of=(), any_of=(), none_of=()) if self.parts else self


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
