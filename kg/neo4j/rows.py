"""Between maps of properties and nodes of the graph."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final, LiteralString

from kg.neo4j.database import Row
from schema.nodes import Concept, ConceptKind, Image, Intention, NodeKind, Post, Run
from schema.relations import Relation
from schema.text import label_of, label_text

Properties = dict[str, Any]  # what a node holds is of many types

LABEL: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "Post",
    NodeKind.INTENTION: "Intention",
    NodeKind.CONCEPT: "Concept",
}
CONCEPT_KINDS: Final = tuple(ConceptKind)

POST: Final[LiteralString] = (
    "n {.id, .text, .source, .hashtags, .image_uris, .image_hashes, .image_description, .labels}"
)
INTENTION: Final[LiteralString] = "n {.id, .relation, .text}"
CONCEPT: Final[LiteralString] = "n {.id, .text, .kind}"
RUN: Final[LiteralString] = (
    "n {.id, .step, .model, .revision, .prompt_hash, .sampling, .engine, .time}"
)


def post_of(row: Row) -> Post:
    """Return the post of POST.

    The import tool reads an empty array, and one of one empty string, as no property at all.
    """
    uris = row["image_uris"] or ()
    images = zip(uris, row["image_hashes"] or [""] * len(uris), strict=True)
    return Post(
        row["id"],
        row["text"],
        row["source"],
        tuple(row["hashtags"] or ()),
        tuple(Image(uri, sha256 or None) for uri, sha256 in images),
        row["image_description"],
        MappingProxyType(dict(label_of(label) for label in row["labels"] or ())),
    )


def post_properties(post: Post) -> Properties:
    """Return the properties of a post that may change."""
    return {
        "hashtags": list(post.hashtags),
        "image_uris": [image.uri for image in post.images],
        "image_hashes": [image.sha256 or "" for image in post.images],
        "image_description": post.image_description,
        "labels": labels(sorted(post.labels.items())),
    }


def labels(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return labels as strings (schema.text.label_text)."""
    return [label_text(name, value) for name, value in pairs]


def intention_of(row: Row) -> Intention:
    """Return the intention of INTENTION."""
    return Intention(row["id"], Relation(row["relation"]), row["text"])


def concept_of(row: Row) -> Concept:
    """Return the concept of CONCEPT."""
    return Concept(row["id"], row["text"], CONCEPT_KINDS[int(row["kind"])])


def run_of(row: Row) -> Run:
    """Return the run of RUN."""
    return Run(**row)
