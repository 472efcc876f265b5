"""The filter that a user means: its values checked, and in the form that the graph holds."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from kg.clauses import clauses_of
from kg.concepts import meant_uri
from schema.errors import QueryError
from schema.graph import EVERYTHING, Aspect, Filter
from schema.relations import RELATIONS_OF, Relation, Side
from schema.text import ID_LIMIT, flaw

VALUES_LIMIT: Final = 100
"""Most values of one condition, and most filters in one."""

DEPTH_LIMIT: Final = 5
"""Filters within one another."""


def meant_filter(given: Filter) -> Filter:
    """Return the filter that values as a user writes them stand for.

    Hashtags may have their sign and be in any case; concepts and emotions may be English words.
    Order and repeats make no difference.

    Raises:
        QueryError: A value is empty, too long, no text or out of bounds, or there are too many; a
            filter within it is empty, or lies too deep.
    """
    if _parts(given, 1) > VALUES_LIMIT:
        raise QueryError(f"the filter is made of more than {VALUES_LIMIT} filters: make it simpler")
    meant = _meant(given)
    clauses_of(meant)  # too many are refused here
    return meant


def all_of(*parts: Filter) -> Filter:
    """Return the filter that asks what these ask together."""
    asking = tuple(part for part in parts if not part.is_empty)
    if len(asking) < 2:
        return asking[0] if asking else EVERYTHING
    return Filter(all_of=tuple(sorted(set(asking), key=repr)))


def any_of(*parts: Filter) -> Filter:
    """Return the filter that asks what one of these asks."""
    is_all = any(part.is_empty for part in parts)
    return EVERYTHING if is_all else Filter(any_of=tuple(sorted(set(parts), key=repr)))


def of_side(side: Side, relations: Collection[Relation]) -> tuple[Relation, ...]:
    """Return the relations of a side, of these where there are any.

    Raises:
        QueryError: None of these is of that side.
    """
    own = RELATIONS_OF[side]
    found = tuple(r for r in own if r in relations) if relations else own
    if not found:
        raise QueryError(f"the filter's relations are not on the side of the {side}: leave one out")
    return found


def _parts(given: Filter, depth: int) -> int:
    """Count the filters within one."""
    if depth > DEPTH_LIMIT:
        raise QueryError(f"the filter is over {DEPTH_LIMIT} filters deep: make it flatter")
    return sum(1 + _parts(part, depth + 1) for part in given.parts)


def _meant(given: Filter) -> Filter:
    return replace(
        _own(given),
        all_of=_meant_parts(given.all_of),
        any_of=_meant_parts(given.any_of),
        none_of=_meant_parts(given.none_of),
    )


def _meant_parts(given: Collection[Filter]) -> tuple[Filter, ...]:
    parts = {_meant(part) for part in given}
    if EVERYTHING in parts:
        raise QueryError("the filter has one within it that asks for nothing: leave it out")
    return tuple(sorted(parts, key=repr))


def _own(given: Filter) -> Filter:
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
        mentions=_mentions(given.mentions),
        about=_read("about", given.about, meant_uri),
        kinds_of=_read("kindsOf", given.kinds_of, meant_uri),
        annotators=_read("annotators", given.annotators, str),
        choices=_read("choices", given.choices, str),
        runs=_read("runs", given.runs, str),
        models=_read("models", given.models, str),
        prompts=_read("prompts", given.prompts, str),
        plausibility=_plausibility(given.plausibility),
        posts=_read("posts", given.posts, str),
        intentions=_read("intentions", given.intentions, str),
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
        fault = _fault(value)
        if fault is not None:
            raise QueryError(f"the filter's {field}: {value[:80]!r} {fault}")


def _fault(value: str) -> str | None:
    if not value.strip():
        return "is empty: leave it out"
    if len(value) > ID_LIMIT:
        return f"has {len(value)} characters, the limit is {ID_LIMIT}"
    return flaw(value)


def _mentions(given: Collection[tuple[Aspect, str]]) -> tuple[tuple[Aspect, str], ...]:
    _check("mentions", [uri for _, uri in given])
    return tuple(sorted({(aspect, meant_uri(uri)) for aspect, uri in given}))


def _plausibility(least: float | None) -> float | None:
    if least is not None and not 0 <= least <= 1:
        raise QueryError(f"the filter's plausibility is {least}: it lies between 0 and 1")
    return least


def _hashtag(value: str) -> str:
    return value.strip().lstrip("#").casefold()
