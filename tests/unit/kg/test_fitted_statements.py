"""Statements of Neo4j's hold what a filter asks, and not what it does not: that takes planning."""

from typing import Final, LiteralString

import pytest

from kg.neo4j.read import POSTS_OF
from kg.neo4j.selection import PASSES, fitted
from schema.graph import Filter

STATEMENTS: Final = [*PASSES.values(), POSTS_OF]
RAIL: Final = Filter(sources=("rail",))


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize(
    ("where", "asked"),
    [
        (RAIL, set[str]()),
        (Filter(models=("m",)), {"$models"}),
        (Filter(choices=("accepted",)), {"$choices"}),
        (Filter(kinds_of=("/c/en/dog",)), {"$kinds_of"}),
        (Filter(none_of=(RAIL,)), {"$clauses"}),
    ],
)
def test_a_statement_is_fitted_to_its_filter(
    statement: LiteralString, where: Filter, asked: set[str]
) -> None:
    found = {
        name
        for name in ("$models", "$choices", "$clauses", "$kinds_of")
        if name in fitted(statement, where)
    }

    assert found == asked
