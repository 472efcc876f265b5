"""The golden SDL, and what holds for every field."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    IntValueNode,
    build_schema,
)

from api.sdl import sdl
from schema.relations import Relation

GOLDEN = Path(__file__).parents[2] / "schema.graphql"
SCHEMA = build_schema(sdl())
OWN = [t for name, t in SCHEMA.type_map.items() if not name.startswith("__")]


def fields() -> Iterator[tuple[str, GraphQLField]]:
    """Give every field of every type of output, with its full name."""
    for type_ in OWN:
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field


def is_list(field: GraphQLField) -> bool:
    """Whether a field gives a list; graphql-core leaves open of what."""
    return f"{field.type}".startswith("[")  # pyright: ignore[reportUnknownMemberType]


def descriptions() -> Iterator[tuple[str, str | None]]:
    """Give everything that is to be described, with its description."""
    for type_ in OWN:
        yield type_.name, type_.description
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{type_.name}.{n}", v.description) for n, v in type_.values.items())
        if isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{type_.name}.{n}", f.description) for n, f in type_.fields.items())
    for name, field in fields():
        yield name, field.description
        yield from ((f"{name}({n}:)", a.description) for n, a in field.args.items())


def test_the_sdl_is_the_golden_one() -> None:
    assert sdl() == GOLDEN.read_text("utf-8"), "python -m api.sdl > tests/schema.graphql"


@pytest.mark.parametrize(("name", "description"), list(descriptions()))
def test_everything_is_described(name: str, description: str | None) -> None:
    assert description, name


@pytest.mark.parametrize(("name", "field"), [(n, f) for n, f in fields() if is_list(f)])
def test_every_list_says_how_long_it_may_be(name: str, field: GraphQLField) -> None:
    assert "At most" in (field.description or ""), name


@pytest.mark.parametrize(("name", "field"), [(n, f) for n, f in fields() if "first" in f.args])
def test_first_has_a_default_that_may_be_asked(name: str, field: GraphQLField) -> None:
    default = field.args["first"].default

    assert default is not None
    assert isinstance(default.literal, IntValueNode)
    assert default.literal.value in {"10", "100"}, name
    assert "1 to" in (field.args["first"].description or "")


def test_relations_are_spelled_as_in_the_domain() -> None:
    relation = SCHEMA.type_map["Relation"]

    assert isinstance(relation, GraphQLEnumType)
    assert list(relation.values) == [r.value for r in Relation]


def test_nothing_but_a_deletion_changes_the_graph() -> None:
    assert SCHEMA.mutation_type is not None
    assert list(SCHEMA.mutation_type.fields) == ["deletePost"]
    assert SCHEMA.subscription_type is None
