"""The ``where`` of searches and lists, and the filter it stands for."""

from collections.abc import Callable, Iterable
from typing import Final

import strawberry

from kg.concepts import meant_uri
from schema.errors import QueryError
from schema.graph import EVERYTHING, Filter
from schema.relations import Relation
from schema.text import ID_LIMIT, flaw

VALUES_LIMIT: Final = 100
"""Most values of one condition."""


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
    return Filter(
        relations=tuple(sorted(set(where.relations))),
        sources=_values("sources", where.sources, str),
        labels=_labels(where.labels),
        hashtags=_values("hashtags", where.hashtags, _hashtag),
        concepts=_values("concepts", where.concepts, meant_uri),
        emotions=_values("emotions", where.emotions, meant_uri),
    )


def _labels(labels: list[LabelInput]) -> tuple[tuple[str, str], ...]:
    names = [label.name for label in labels]
    values = [label.value for label in labels]
    _check("labels", names)
    _check("labels", values)
    return tuple(sorted(set(zip(names, values, strict=True))))


def _values(field: str, given: list[str], read: Callable[[str], str]) -> tuple[str, ...]:
    _check(field, given)
    values = {read(value) for value in given}
    _check(field, values)
    return tuple(sorted(values))


def _check(field: str, values: Iterable[str]) -> None:
    seen = list(values)
    if len(seen) > VALUES_LIMIT:
        raise QueryError(f"where.{field} has {len(seen)} values: at most {VALUES_LIMIT}")
    for value in seen:
        if not value.strip() or len(value) > ID_LIMIT or flaw(value):
            raise QueryError(f"where.{field}: {value[:80]!r} is empty, too long or no text")


def _hashtag(value: str) -> str:
    return value.strip().removeprefix("#").casefold()
