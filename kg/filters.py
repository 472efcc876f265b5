"""The filter that a user means: its values checked, and in the form that the graph holds."""

from collections.abc import Callable, Collection
from typing import Final

from kg.concepts import meant_uri
from schema.errors import QueryError
from schema.graph import Filter
from schema.text import ID_LIMIT, flaw

VALUES_LIMIT: Final = 100
"""Most values of one condition."""


def meant_filter(given: Filter) -> Filter:
    """Return the filter that values as a user writes them stand for.

    Hashtags may have their sign and be in any case; concepts and emotions may be English words.
    Order and repeats make no difference.

    Raises:
        QueryError: A value is empty, too long or no text, or there are too many.
    """
    labels = tuple(sorted(set(given.labels)))
    for position in (0, 1):
        _check("labels", [label[position] for label in labels])
    return Filter(
        relations=tuple(sorted(set(given.relations))),
        sources=_read("sources", given.sources, str),
        labels=labels,
        hashtags=_read("hashtags", given.hashtags, _hashtag),
        concepts=_read("concepts", given.concepts, meant_uri),
        emotions=_read("emotions", given.emotions, meant_uri),
    )


def _read(field: str, given: Collection[str], read: Callable[[str], str]) -> tuple[str, ...]:
    _check(field, given)
    values = {read(value) for value in given}
    _check(field, values)
    return tuple(sorted(values))


def _check(field: str, values: Collection[str]) -> None:
    if len(values) > VALUES_LIMIT:
        raise QueryError(f"the filter has {len(values)} {field}: at most {VALUES_LIMIT}")
    for value in values:
        if not value.strip() or len(value) > ID_LIMIT or flaw(value):
            message = f"the filter's {field}: {value[:80]!r} is empty, too long or no text"
            raise QueryError(message)


def _hashtag(value: str) -> str:
    return value.strip().lstrip("#").casefold()
