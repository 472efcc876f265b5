"""What a filter's parts ask, as clauses: any of them is to hold, and all that is in it.

That is the disjunctive normal form, for a store that cannot follow filters within filters.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from math import prod
from typing import Final

from schema.errors import QueryError
from schema.graph import Filter

CLAUSES_LIMIT: Final = 64

Clause = tuple[tuple[Filter, bool], ...]
"""Filters without parts, and whether each is to hold."""


def clauses_of(where: Filter) -> list[Clause]:
    """Return the clauses of the parts of a filter, none where it has no parts.

    Raises:
        QueryError: There are too many.
    """
    return _all(_asked(where)) if where.parts else []


def _asked(where: Filter) -> list[list[Clause]]:
    """Return for each thing that its parts ask the clauses of it."""
    asked = [_holds(part) for part in where.all_of]
    if where.any_of:
        asked.append([clause for part in where.any_of for clause in _holds(part)])
    return asked + [_fails(part) for part in where.none_of]


def _holds(where: Filter) -> list[Clause]:
    own: Clause = () if where.own.is_empty else ((where.own, True),)
    return _all([[own], *_asked(where)])


def _fails(where: Filter) -> list[Clause]:
    """Return the clauses of what a filter is not, by De Morgan's laws."""
    found: list[Clause] = [] if where.own.is_empty else [((where.own, False),)]
    for part in where.all_of:
        found += _fails(part)
    if where.any_of:
        found += _all([_fails(part) for part in where.any_of])
    for part in where.none_of:
        found += _holds(part)
    return found


def _all(asked: Sequence[Iterable[Clause]]) -> list[Clause]:
    """Return the clauses of all of these."""
    each = [list(dict.fromkeys(clauses)) for clauses in asked]
    if prod(map(len, each)) > CLAUSES_LIMIT:
        raise QueryError(
            f"the filter stands for more than {CLAUSES_LIMIT} cases: make it simpler, or ask twice"
        )
    return [tuple(dict.fromkeys(sum(some, start=()))) for some in product(*each)]
