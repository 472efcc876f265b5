"""The ``where`` of searches and lists, and the filter it stands for."""

import strawberry

from kg.filters import meant_filter
from schema.graph import EVERYTHING, Filter
from schema.relations import Relation


@strawberry.input(description="A gold label that a post must have.")
class LabelInput:
    """A label's name and value."""

    name: str = strawberry.field(description="Name of the label: 'sarcastic'.")
    value: str = strawberry.field(description="Its value: '1'.")


@strawberry.input(
    description="Which pairs of a post and one of its intentions an answer may draw on: all "
    "conditions hold, and an empty one asks for nothing. Each takes at most 100 values."
)
class Where:
    """Conditions on a post and one of its intentions."""

    relations: list[Relation] = strawberry.field(
        default_factory=list[Relation], description="The intention's relation is any of these."
    )
    sources: list[str] = strawberry.field(
        default_factory=list[str], description="The post's source is any of these."
    )
    labels: list[LabelInput] = strawberry.field(
        default_factory=list[LabelInput], description="The post has all of these gold labels."
    )
    hashtags: list[str] = strawberry.field(
        default_factory=list[str],
        description="The post has all of these hashtags, with or without '#', in any case.",
    )
    concepts: list[str] = strawberry.field(
        default_factory=list[str],
        description="All of these are mentioned by the post or what the intention is about: "
        "URIs ('/c/en/dog') or English words ('dog').",
    )
    emotions: list[str] = strawberry.field(
        default_factory=list[str],
        description="The post expresses all of these emotions: URIs or English words.",
    )


def filter_of(where: Where | None) -> Filter:
    """Return the filter that a ``where`` stands for; order and repeats make no difference.

    Raises:
        QueryError: A value is empty, too long or no text, or there are too many.
    """
    if where is None:
        return EVERYTHING
    return meant_filter(
        Filter(
            tuple(where.relations),
            tuple(where.sources),
            tuple((label.name, label.value) for label in where.labels),
            tuple(where.hashtags),
            tuple(where.concepts),
            tuple(where.emotions),
        )
    )
