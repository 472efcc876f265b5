"""Constraints and indexes as data: what is to be there, and how it is made.

Neo4j holds no two indexes of one type on the same labels and properties. So that a changed
definition can be built beside the one in use, each searchable index has two places.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from kg.neo4j.rows import LABEL
from schema.nodes import NodeKind

Config = Mapping[str, Any]  # the server gives options of many types
FULLTEXT: Final = "FULLTEXT"
VECTOR: Final = "VECTOR"
MARKED: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "EmbeddedPost",
    NodeKind.INTENTION: "EmbeddedIntention",
    NodeKind.CONCEPT: "EmbeddedConcept",
}
"""The second label of embedded nodes, where a vector index can be of one label only."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A constraint or range index: it has no options, so whatever has its schema is it.

    Attributes:
        name: Its name, where it is made here.
        of: The label of the nodes, or the type of the relationships.
        properties: Of these.
        is_unique: It is a constraint.
        create: How it is made.
    """

    name: LiteralString
    of: LiteralString
    properties: tuple[LiteralString, ...]
    is_unique: bool
    create: LiteralString


@dataclass(frozen=True, slots=True)
class Place:
    """Where an index may stand: a name and a schema that the other place has not."""

    name: LiteralString
    labels: frozenset[str]
    properties: tuple[str, ...]
    create: LiteralString


@dataclass(frozen=True, slots=True)
class Definition:
    """An index that is asked by name.

    Attributes:
        type: FULLTEXT or VECTOR.
        places: Where it may stand; the first unless another definition stands there.
        fits: Whether an index with this configuration is as it should be.
        parameters: Of the statements that create it.
        marks: The kind whose embedded nodes the second place wants marked (MARKED), if it does.
    """

    type: str
    places: tuple[Place, Place]
    fits: Callable[[Config], bool]
    parameters: Mapping[str, int]
    marks: NodeKind | None = None


def _unique(name: LiteralString, label: LiteralString) -> Plain:
    create: LiteralString = (
        "CREATE CONSTRAINT " + name + " IF NOT EXISTS FOR (n:" + label + ") REQUIRE n.id IS UNIQUE"
    )
    return Plain(name, label, ("id",), True, create)


def _range(name: LiteralString, label: LiteralString, of: LiteralString) -> Plain:
    create: LiteralString = (
        "CREATE INDEX " + name + " IF NOT EXISTS FOR (n:" + label + ") ON (n." + of + ")"
    )
    return Plain(name, label, (of,), False, create)


def _order(name: LiteralString, type_: LiteralString, *of: LiteralString) -> Plain:
    properties: LiteralString = ", ".join(["r." + p for p in of])
    create: LiteralString = (
        "CREATE INDEX " + name + " IF NOT EXISTS FOR ()-[r:" + type_ + "]-() "
        "ON (" + properties + ")"
    )
    return Plain(name, type_, of, False, create)


DROP: Final[LiteralString] = "DROP INDEX $name IF EXISTS"
DROP_CONSTRAINT: Final[LiteralString] = "DROP CONSTRAINT $name IF EXISTS"

PLAIN: Final = (
    _unique("post_id", "Post"),
    _unique("intention_id", "Intention"),
    _unique("concept_id", "Concept"),
    _unique("run_id", "Run"),
    _unique("graph_id", "Graph"),
    _unique("deleted_id", "Deleted"),
    _range("post_source", "Post", "source"),
    _range("intention_relation", "Intention", "relation"),
    _range("post_created", "Post", "created"),
    _range("intention_created", "Intention", "created"),
    _range("concept_created", "Concept", "created"),
    _order("has_intention_in", "HAS_INTENTION", "end_order", "confidence", "start_order"),
    _order("mentions_in", "MENTIONS", "end_order", "start_order"),
    _order("about_in", "ABOUT", "end_order", "confidence", "start_order"),
    _order("related_in", "RELATED", "end_order", "weight", "start_order"),
    _order("related_out", "RELATED", "start_order", "weight", "end_order"),
)

SECOND: Final = "_b"
"""How the name of the second place ends."""

BESIDE: Final = "Beside"
"""A label that no node has: with it, a second index has another schema and the same nodes."""


def _words(
    name: LiteralString, label: LiteralString, properties: tuple[LiteralString, ...]
) -> Definition:
    each: LiteralString = ", ".join(["n." + p for p in properties])
    options: LiteralString = (
        " ON EACH [" + each + "] OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
    )
    first: LiteralString = "CREATE FULLTEXT INDEX " + name + " IF NOT EXISTS FOR (n:" + label + ")"
    second: LiteralString = (
        "CREATE FULLTEXT INDEX " + name + SECOND + " IF NOT EXISTS "
        "FOR (n:" + label + "|" + BESIDE + ")"
    )
    return Definition(
        FULLTEXT,
        (
            Place(name, frozenset({label}), properties, first + options),
            Place(name + SECOND, frozenset({label, BESIDE}), properties, second + options),
        ),
        lambda config: config.get("fulltext.analyzer") == "whitespace",
        {},
    )


WORDS: Final[dict[NodeKind, Definition]] = {
    NodeKind.POST: _words("post_words", "Post", ("words",)),
    NodeKind.INTENTION: _words("intention_words", "Intention", ("words",)),
    NodeKind.CONCEPT: _words("concept_words", "Concept", ("words",)),
}
"""The full-text index of each kind."""

# Not the analyser `keyword`: a label of more than 32,766 bytes would stop the whole database.
TAGS: Final = _words("post_tags", "Post", ("labels", "hashtags"))
"""The full-text index of what posts are labelled with."""

FULLTEXTS: Final = (*WORDS.values(), TAGS)

VECTOR_NAMES: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "post_embedding",
    NodeKind.INTENTION: "intention_embedding",
    NodeKind.CONCEPT: "concept_embedding",
}
NAMES_OF_VECTORS: Final = tuple(n + end for n in VECTOR_NAMES.values() for end in ("", SECOND))
NAMES: Final = (
    *(place.name for definition in FULLTEXTS for place in definition.places),
    *NAMES_OF_VECTORS,
)
"""The names that indexes have that are asked by name."""

_VECTOR_OPTIONS: Final[LiteralString] = (
    " OPTIONS {indexConfig: {`vector.dimensions`: $dimensions, "
    "`vector.similarity_function`: 'cosine', `vector.quantization.enabled`: false}}"
)


def vectors(kind: NodeKind, dimensions: int, *, has_search: bool) -> Definition:
    """Return the vector index of a kind.

    Args:
        kind: The nodes.
        dimensions: Of their embeddings.
        has_search: The server takes conditions inside the index, and several labels.
    """
    return Definition(
        VECTOR,
        (
            _vector_place(kind, is_first=True, has_search=has_search),
            _vector_place(kind, is_first=False, has_search=has_search),
        ),
        lambda config: is_plain_cosine(config) and config.get("vector.dimensions") == dimensions,
        {"dimensions": dimensions},
        None if has_search else kind,
    )


def is_plain_cosine(config: Config) -> bool:
    """Whether an index compares by cosine, and by the whole vectors."""
    is_whole = (  # as 5.26 says it, or 2026
        config.get("vector.quantization.enabled") is False
        or config.get("vector.quantization.type") == "NONE"
    )
    return is_whole and config.get("vector.similarity_function") == "COSINE"


def _vector_place(kind: NodeKind, *, is_first: bool, has_search: bool) -> Place:
    name: LiteralString = VECTOR_NAMES[kind] if is_first else VECTOR_NAMES[kind] + SECOND
    conditions: LiteralString = ""
    properties: tuple[str, ...] = ("embedding",)
    if has_search and kind is NodeKind.INTENTION:
        conditions, properties = " WITH [n.relation]", ("embedding", "relation")
    labels: LiteralString = LABEL[kind]
    if not is_first:
        labels = LABEL[kind] + "|" + BESIDE if has_search else MARKED[kind]
    dialect: LiteralString = "CYPHER 25 " if has_search else ""
    create: LiteralString = (
        dialect + "CREATE VECTOR INDEX " + name + " IF NOT EXISTS FOR (n:" + labels + ") "
        "ON (n.embedding)" + conditions + _VECTOR_OPTIONS
    )
    return Place(name, frozenset(labels.split("|")), properties, create)
