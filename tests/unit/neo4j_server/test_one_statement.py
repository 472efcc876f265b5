"""The server plans a traversal's statement once: what it is asked for has one size."""

from collections.abc import Sized

from kg.neo4j.walk_ahead import parameters
from kg.store import Hops
from schema.graph import RelationshipType


def sizes(parameters: dict[str, object]) -> dict[str, int]:
    return {name: len(value) for name, value in parameters.items() if isinstance(value, Sized)}


def test_other_ids_types_and_relations_are_of_one_size() -> None:
    few = Hops(4, frozenset({RelationshipType.ABOUT}), frozenset({"IsA", "RelatedTo"}))

    assert sizes(parameters("pets:1", Hops(4))) == sizes(parameters("/c/en/a_long_concept", few))
