"""How an operation is measured."""

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema, parse

from api.cost import weight_of
from api.graphql_schema import build_graphql_schema
from api.limits import Limits, Size, size_of
from api.sdl import sdl
from api.settings import ApiSettings

SCHEMA = build_schema("""
directive @cost(weight: String!) on FIELD_DEFINITION
type Query {
  one: Node  some(ids: [ID!]!): [Node]  page(first: Int! = 10): Page
  walk(hops: Int! = 1): Node @cost(weight: "1000")
}
type Page { edges: [Edge!]!  more: Boolean  total: Int @cost(weight: "7") }
type Edge { node: Node }
type Node { name: String  names: [String!]!  near(first: Int! = 5): [Node!]!  parts: [Node!]! }
""")


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("{ one { name } }", Size(2, 102)),
        ("{ a: one { name } b: one { name } }", Size(2, 204)),
        ("{ one { names } }", Size(2, 102)),
        ("{ walk { name } }", Size(2, 1002)),
        ("{ one { parts { name } } }", Size(3, 121)),
        ("{ page { total } }", Size(2, 109)),
        ("{ one { near { name } } }", Size(3, 111)),
        ("{ one { near(first: 2) { near(first: 3) { name } } } }", Size(4, 115)),
        ("{ page { edges { node { name } } } }", Size(4, 131)),
        ("{ page(first: 2) { more edges { node { name } } } }", Size(4, 108)),
        ("query($n: Int!) { page(first: $n) { edges { node { name } } } }", Size(4, 113)),
        ("query($f: Int!) { page(first: $f) { edges { node { name } } } }", Size(4, 113)),
        ("query($m: Int = 3) { page(first: $m) { edges { node { name } } } }", Size(4, 110)),
        ("{ one { ...A ...A } } fragment A on Node { name }", Size(2, 103)),
        ("{ one { ... on Node { name } ... { name } } }", Size(2, 103)),
        ("{ page(first: 2) { ...A } } fragment A on Page { edges { more } }", Size(3, 105)),
        ("{ one { ...A } } fragment A on Node { name ...A }", Size(2, 102)),
        ('{ some(ids: ["a", "b", "c"]) { name } }', Size(2, 106)),
        ("query($i: [ID!]!) { some(ids: $i) { name } }", Size(2, 104)),
        ('query($j: [ID!]! = ["a"]) { some(ids: $j) { name } }', Size(2, 300)),
        ("{ __typename __schema { types { fields { name } } } }", Size(1, 1001)),
        ("{ page(first: 1000000) { edges { cursor } } }", Size(3, 1101)),
        ("{ page(first: -5) { edges { node { name } } } }", Size(4, 104)),
        ("{ nothing { at { all } } }", Size(3, 3)),
        ("fragment A on Query { one { name } }", Size(0, 0)),
    ],
)  # fmt: skip
def test_a_size_is_depth_and_cost(query: str, size: Size) -> None:
    assert size_of(SCHEMA, parse(query), None, {"n": 4, "f": 4.0, "i": ["a", "b"]}) == size


def test_a_schema_and_its_sdl_give_every_field_the_same_weight() -> None:
    # Strawberry keeps the schema of graphql-core to itself.
    built = build_graphql_schema(ApiSettings())._schema  # pyright: ignore[reportPrivateUsage]
    written = build_schema(sdl())

    assert weights(built) == weights(written)
    assert weights(written)["Query.facet"] == 2500
    assert weights(written)["PostConnection.totalCount"] == 100
    assert weights(written)["DivergenceConnection.totalCount"] == 2500


def weights(schema: GraphQLSchema) -> dict[str, int | None]:
    """Return the weight of each field that has one, by its full name."""
    return {
        f"{type_.name}.{name}": weight_of(field)
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items()
        if weight_of(field) is not None
    }


def test_fragments_that_double_each_other_are_measured_at_once() -> None:
    doubling = [f"fragment F{n} on Node {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40)]
    query = "{ one { ...F0 } } " + " ".join(doubling) + " fragment F40 on Node { name }"

    size = size_of(SCHEMA, parse(query), None, {})

    assert size == Size(2, 101 + 2**40)


def test_the_named_operation_is_the_one_that_counts() -> None:
    document = parse("query A { one { name } } query B { walk { name } }")

    assert size_of(SCHEMA, document, "B", {}).cost == 1002


@pytest.mark.parametrize(
    ("size", "message"),
    [(Size(3, 1), "3 levels deep, the limit is 2"), (Size(1, 11), "up to 11, the limit is 10")],
)
def test_too_deep_or_too_costly_is_refused(size: Size, message: str) -> None:
    error = Limits(depth=2, cost=10).refuse(size)

    assert error is not None
    assert message in error.message


def test_what_is_within_the_limits_is_not_refused() -> None:
    assert Limits(depth=2, cost=10).refuse(Size(2, 10)) is None
