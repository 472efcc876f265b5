"""What nodes are counted by: a facet has values, and each value is a filter."""

from enum import StrEnum
from typing import Final

from schema.graph import Aspect, Filter
from schema.nodes import NodeKind
from schema.relations import RELATIONS_OF, Relation, Side
from schema.text import label_of


class Facet(StrEnum):
    """What posts or intentions are counted by.

    A node counts once for each value that it has in some pair that passes a filter, so that the
    count of a value is the number of nodes that pass the filter and ``filter_of`` the value.
    """

    RELATION = "relation"
    SIDE = "side"
    ABOUT = "about"
    SOURCE = "source"
    LABEL = "label"
    HASHTAG = "hashtag"
    MAIN_CONCEPT = "main_concept"
    ACTION = "action"
    OBJECT = "object"
    EMOTION = "emotion"
    KEYWORD = "keyword"
    PICTURED = "pictured"
    CONCEPT = "concept"
    ANNOTATOR = "annotator"
    CHOICE = "choice"
    RUN = "run"
    MODEL = "model"
    PROMPT = "prompt"


ASPECT_OF: Final = {
    Facet.MAIN_CONCEPT: Aspect.CONCEPT,
    Facet.ACTION: Aspect.ACTION,
    Facet.OBJECT: Aspect.OBJECT,
    Facet.EMOTION: Aspect.EMOTION,
    Facet.KEYWORD: Aspect.KEYWORD,
    Facet.PICTURED: Aspect.PICTURED,
}
"""The facets whose values are the concepts that a post mentions in an aspect."""

OF_POSTS: Final = frozenset({Facet.SOURCE, Facet.LABEL, Facet.HASHTAG, *ASPECT_OF})
"""Facets whose values a post has, whatever its intentions are."""

OF_INTENTIONS: Final = frozenset({Facet.RELATION, Facet.SIDE, Facet.ABOUT})
"""Facets whose values an intention has, whoever has it. The rest are of the pair."""

OWN: Final = {NodeKind.POST: OF_POSTS, NodeKind.INTENTION: OF_INTENTIONS}
"""By kind, the facets whose values a node has by itself, in whatever pair it is."""

OF_CONCEPTS: Final = frozenset({Facet.ABOUT, Facet.CONCEPT, *ASPECT_OF})
"""Facets whose values are concepts, by their URIs."""

COUNTED: Final = (NodeKind.POST, NodeKind.INTENTION)
"""The kinds of node that can be counted by facets."""


def filter_of(facet: Facet, value: str) -> Filter:
    """Return the filter that a value of a facet stands for.

    A label's value is its name and its value, as ``schema.text.label_text`` writes them.
    """
    if facet in ASPECT_OF:
        return Filter(mentions=((ASPECT_OF[facet], value),))
    match facet:
        case Facet.RELATION:
            return Filter(relations=(Relation(value),))
        case Facet.SIDE:
            return Filter(relations=RELATIONS_OF[Side(value)])
        case Facet.LABEL:
            return Filter(labels=(label_of(value),))
        case Facet.ABOUT:
            return Filter(about=(value,))
        case _:
            return Filter(**{f"{facet}s": (value,)})  # pyright: ignore[reportArgumentType]
