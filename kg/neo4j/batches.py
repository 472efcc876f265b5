"""Statements over many rows: some thousands at a time, the next made while the server works."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, LiteralString, TypeVar

from kg.neo4j.database import Row, Transaction

T = TypeVar("T")

ROWS: Final = 5000
"""Of one statement. A server writes 50,000 at a time a tenth more slowly, and Python holds them."""


async def over(
    transaction: Transaction,
    statement: LiteralString,
    things: Sequence[T],
    row: Callable[[T], Any],
    /,
    **parameters: object,
) -> list[Row]:
    """Run a statement over ``$rows``, one a thing, in their order; return all that it gives.

    ``$first`` is the place of a statement's first row among all.
    """

    def made(first: int) -> list[Any]:
        return [row(thing) for thing in things[first : first + ROWS]]

    found: list[Row] = []
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(made, 0)
        for first in range(0, len(things), ROWS):
            rows = await asyncio.wrap_future(following)
            following = pool.submit(made, first + ROWS)
            found += await transaction.rows(statement, rows=rows, first=first, **parameters)
    return found
