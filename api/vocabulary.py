"""The enums of the domain in GraphQL's words, each value described."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition

from kg.motive import Part
from kg.plan import Strategy
from kg.sharing import Differ
from schema.facets import Facet
from schema.graph import Aspect, RelationshipType
from schema.nodes import ConceptKind, NodeKind
from schema.relations import RELATIONS, Relation, Side
from schema.search import Mode, Order, Ranker


class Cut(StrEnum):
    """Why a traversal left something out."""

    FAN_OUT = "fan_out"
    FRONTIER = "frontier"
    TIME = "time"
    CANDIDATES = "candidates"


def _named(
    enum: type[StrEnum],
    description: str,
    values: Mapping[str, str],
    name_from: Literal["key", "value"] = "key",
) -> None:
    """Make an enum known to GraphQL; ``values`` describes each by its Python value."""
    strawberry.enum(enum, description=description, graphql_name_from=name_from)
    for value in definition_of(enum).values:
        value.description = values[value.value]


def definition_of(enum: type[StrEnum]) -> StrawberryEnumDefinition:
    """Return how GraphQL knows an enum."""
    if not has_enum_definition(enum):
        raise TypeError(f"{enum} is not known to GraphQL")
    return enum.__strawberry_definition__


_named(
    Relation,
    "What an intention says about a post; x is the author's side, o the audience's.",
    {r.value: f"{info.gloss[:1].upper()}{info.gloss[1:]}." for r, info in RELATIONS.items()},
    "value",
)
_named(
    Side,
    "Whose mind an intention is about.",
    {Side.AUTHOR: "The one who posted.", Side.AUDIENCE: "Those who see the post."},
)
_named(
    Mode,
    "How a search ranks.",
    {
        Mode.SEMANTIC: "By meaning: the cosine of the embeddings.",
        Mode.TEXT: "By words: BM25 over any of them.",
        Mode.HYBRID: "By both, the ranks fused.",
    },
)
_named(
    Order,
    "In which order results are shown.",
    {
        Order.FIT: "As they fit what was asked.",
        Order.PLAUSIBILITY: "The most plausible first; what has no plausibility comes last.",
    },
)
_named(
    Ranker,
    "What ranks; a hybrid search fuses both.",
    {
        Ranker.MEANING: "The cosine of the embeddings.",
        Ranker.WORDS: "BM25 over any of the words.",
    },
)
_named(
    NodeKind,
    "The kinds of node.",
    {
        NodeKind.POST: "A social-media post.",
        NodeKind.INTENTION: "Why a post was made, or what it does to those who see it.",
        NodeKind.CONCEPT: "A thing, action, event, emotion or hashtag.",
    },
)
_named(
    ConceptKind,
    "What a concept is.",
    {
        ConceptKind.THING: "A thing, or anything that is none of the others.",
        ConceptKind.ACTION: "An action.",
        ConceptKind.EVENT: "An event, as ATOMIC's heads are.",
        ConceptKind.HASHTAG: "A hashtag.",
        ConceptKind.EMOTION: "An emotion.",
    },
)
_named(
    Aspect,
    "Which part of a post's key information a concept comes from.",
    {
        Aspect.CONCEPT: "The main concept.",
        Aspect.ACTION: "The main action.",
        Aspect.OBJECT: "The main object.",
        Aspect.EMOTION: "The emotion.",
        Aspect.KEYWORD: "A keyword.",
        Aspect.HASHTAG: "A hashtag.",
        Aspect.PICTURED: "What the image shows.",
    },
)
_named(
    RelationshipType,
    "The relationship types of the graph.",
    {
        RelationshipType.HAS_INTENTION: "From a post to an intention.",
        RelationshipType.MENTIONS: "From a post to a concept.",
        RelationshipType.ABOUT: "From an intention to a concept.",
        RelationshipType.RELATED: "From a concept to a concept: commonsense.",
    },
)
_named(
    Facet,
    "What posts or intentions are counted by. A node counts once for each value that it has in a "
    "pair that passes.",
    {
        Facet.RELATION: "The intention's relation.",
        Facet.SIDE: "Whose mind the intention is about: 'author', 'audience'.",
        Facet.ABOUT: "The concepts that the intention is about.",
        Facet.SOURCE: "The post's source.",
        Facet.LABEL: "The post's gold labels, each 'name=value'.",
        Facet.HASHTAG: "The post's hashtags.",
        Facet.MAIN_CONCEPT: "The post's main concept.",
        Facet.ACTION: "The post's main action.",
        Facet.OBJECT: "The post's main object.",
        Facet.EMOTION: "The emotions that the post expresses.",
        Facet.KEYWORD: "The post's keywords, as concepts.",
        Facet.PICTURED: "What the post's images show, as concepts.",
        Facet.CONCEPT: "The concepts that the post mentions, and those the intention is about.",
        Facet.ANNOTATOR: "Who judged the pair.",
        Facet.CHOICE: "As what the pair was judged.",
        Facet.RUN: "The run that said it.",
        Facet.MODEL: "The model that said it.",
        Facet.PROMPT: "The hash of the prompt to which it was said.",
    },
)
_named(
    Cut,
    "Why a traversal left something out.",
    {
        Cut.FAN_OUT: "A node had more relationships than were followed.",
        Cut.FRONTIER: "More nodes were reached by one hop than were carried to the next.",
        Cut.TIME: "Time ran out.",
        Cut.CANDIDATES: "Paths that differ were looked for among too many.",
    },
)
_named(
    Strategy,
    "How the nearest nodes that pass a filter are found.",
    {
        Strategy.INDEX: "The vector index gives them: no filter, or one that works inside it.",
        Strategy.FILTERED: "The vector index gives more; what does not pass is left out.",
        Strategy.SELECTED: "What may pass is found first, by its rarest condition, and compared.",
        Strategy.SCAN: "Everything is compared.",
    },
)
_named(
    Part,
    "What of two intentions is compared.",
    {
        Part.WHOLE: "All of their meaning.",
        Part.MOTIVE: "What is left of it without the topic.",
        Part.TOPIC: "What the concepts explain that they are about.",
    },
)
_named(
    Differ,
    "What two posts do not share.",
    {
        Differ.EMOTION: "Any emotion that they express.",
        Differ.TOPIC: "Anything but emotions that they mention, or their intentions are about.",
    },
)
