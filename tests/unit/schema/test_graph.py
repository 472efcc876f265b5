"""What a filter asks for, and how writes are summed."""

import pytest

from schema.graph import EVERYTHING, Filter, Written
from schema.relations import Relation


def test_a_filter_without_conditions_is_empty() -> None:
    assert Filter().is_empty
    assert Filter() == EVERYTHING
    assert Filter().only_relations


@pytest.mark.parametrize(
    "where",
    [
        Filter(relations=(Relation.OPEN,)),
        Filter(sources=("pets",)),
        Filter(labels=(("split", "train"),)),
        Filter(hashtags=("dogs",)),
        Filter(concepts=("/c/en/dog",)),
        Filter(emotions=("/c/en/joy",)),
    ],
)
def test_any_condition_makes_a_filter_that_is_not_empty(where: Filter) -> None:
    assert not where.is_empty
    assert where.only_relations == bool(where.relations)


def test_a_relation_and_more_is_not_relations_only() -> None:
    assert not Filter(relations=(Relation.OPEN,), sources=("pets",)).only_relations


def test_filters_are_equal_by_their_conditions() -> None:
    assert Filter(hashtags=("dogs",)) == Filter(hashtags=("dogs",))
    assert len({Filter(hashtags=("dogs",)), Filter(hashtags=("dogs",)), EVERYTHING}) == 2


def test_what_was_written_adds_up() -> None:
    both = Written({"Post": 1, "RELATED": 2}) + Written({"Post": 3})

    assert both == Written({"Post": 4, "RELATED": 2})
    assert (both.total, Written().total) == (6, 0)
