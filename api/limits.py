"""What an operation may cost, worked out before it runs.

The cost is about the number of values in the largest answer: each field counts one, as often as
the lists around it are long. What a field costs beside its values is written at its definition
(api.cost); a field of the query where nothing is written costs a call of the store, 100, and what
asks for the schema 1000. A fragment counts wherever it is spread, an alias like any field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    is_leaf_type,
)

from api.cost import CALLS, weight_of
from api.cursor import LIST_LIMIT
from api.errors import TOO_COSTLY, TOO_DEEP, refusal
from api.traversing import GRAPH_LIMIT

SHORT_LIST: Final = 10
"""How long a list is taken to be that has no ``first``: images, labels, steps."""

QUERY_FIELD_COST: Final = int(CALLS.weight)
INTROSPECTION_COST: Final = 1000

NESTING_LIMIT: Final = 100
"""Most selections within one another, fragments included, whatever the limit of depth."""


class Size(NamedTuple):
    """What a selection amounts to: levels of fields, and values."""

    depth: int
    cost: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The greatest depth and cost of one operation."""

    depth: int
    cost: int

    def refuse(self, size: Size) -> GraphQLError | None:
        """Return the error with which an operation of this size is refused."""
        if size.depth > self.depth:
            return refusal(
                f"the operation is {size.depth} levels deep, the limit is {self.depth}: ask for "
                "less at a time",
                TOO_DEEP,
            )
        if size.cost > self.cost:
            return refusal(
                f"the operation costs up to {size.cost}, the limit is {self.cost}: ask for fewer "
                "fields, or for less by first",
                TOO_COSTLY,
            )
        return None


def size_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any],
) -> Size:
    """Return the size of the operation that is to run; what is not valid counts as nothing.

    Variables are of any type: they are not yet checked.

    Raises:
        GraphQLError: Selections lie in one another without end.
    """
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode) and (
            operation_name is None
            or (definition.name is not None and definition.name.value == operation_name)
        ):
            root = schema.get_root_type(definition.operation)
            known = {**_defaults(definition), **variables}
            return _Measure(schema, document, known).selections(definition.selection_set, root)
    return Size(0, 0)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        one.variable.name.value: _number(one.default_value, {})
        for one in operation.variable_definitions or ()
    }


def _number(value: ValueNode | None, variables: Mapping[str, Any]) -> int | None:
    if isinstance(value, VariableNode):
        given = variables.get(value.name.value)
        # As graphql-core has it, 100.0 is an Int too.
        if isinstance(given, float) and given.is_integer():
            return int(given)
        return given if isinstance(given, int) else None
    return int(value.value[:9]) if isinstance(value, IntValueNode) else None


def _default(argument: GraphQLArgument) -> int | None:
    """Return a default, as Strawberry gives it or as SDL does."""
    given = argument.default
    value: Any = argument.default_value if given is None else given.value
    if isinstance(value, int):
        return value
    return None if given is None or given.literal is None else _number(given.literal, {})


class _Measure:
    """Adds up one document; each fragment once for each length of page it stands in."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._known: dict[tuple[str, int], Size] = {}
        self._nesting = 0

    def selections(
        self,
        selections: SelectionSetNode | None,
        parent: GraphQLNamedType | None,
        page: int = SHORT_LIST,
    ) -> Size:
        """Return the size of what is selected of a type whose bare lists are ``page`` long."""
        if selections is None:
            return Size(0, 0)
        self._nesting += 1
        if self._nesting > NESTING_LIMIT:
            raise refusal(f"selections lie in one another {NESTING_LIMIT} times", TOO_DEEP)
        sizes = [self._selection(one, parent, page) for one in selections.selections]
        self._nesting -= 1
        return Size(max((s.depth for s in sizes), default=0), sum(s.cost for s in sizes))

    def _selection(self, node: SelectionNode, parent: GraphQLNamedType | None, page: int) -> Size:
        if isinstance(node, FieldNode):
            return self._field(node, parent, page)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value, page)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            inner = parent if condition is None else self._schema.get_type(condition.name.value)
            return self.selections(node.selection_set, inner, page)
        return Size(0, 0)

    def _fragment(self, name: str, page: int) -> Size:
        """A fragment within itself counts as nothing: validation refuses it."""
        known = self._known.get((name, page))
        if known is not None:
            return known
        fragment = self._fragments.get(name)
        if fragment is None:
            return Size(0, 0)
        self._known[name, page] = Size(0, 0)
        inner = self._schema.get_type(fragment.type_condition.name.value)
        size = self.selections(fragment.selection_set, inner, page)
        self._known[name, page] = size
        return size

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, page: int) -> Size:
        """Introspection has bounds of its own depth: standard tools go deep in it."""
        if node.name.value.startswith("__"):
            return Size(1, 1 if node.selection_set is None else INTROSPECTION_COST)
        definition = _definition(node, parent)
        if definition is None:
            inner = self.selections(node.selection_set, None)
            return Size(inner.depth + 1, inner.cost + 1)
        first = self._asked(node, definition)
        # graphql-core leaves open what a list is of.
        written = f"{definition.type}"  # pyright: ignore[reportUnknownMemberType]
        is_list, named = written.startswith("["), self._schema.get_type(written.strip("[]!"))
        inner = self.selections(
            node.selection_set, named, SHORT_LIST if is_list or first is None else first
        )
        length = (page if first is None else first) if is_list else 1
        own = 1 if is_leaf_type(named) else length
        beside = weight_of(definition)
        if beside is None:
            beside = QUERY_FIELD_COST if parent is self._schema.query_type else 0
        return Size(inner.depth + 1, own + length * inner.cost + beside)

    def _asked(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """Return how long a list is asked to be; what no list may be is left to its resolver."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if "ids" in definition.args:
            return self._ids(given.get("ids"))
        if "first" not in definition.args:
            return None
        number = _number(given.get("first"), self._variables)
        length = _default(definition.args["first"]) if number is None else number
        return GRAPH_LIMIT if length is None else max(1, min(length, GRAPH_LIMIT))

    def _ids(self, value: ValueNode | None) -> int:
        """Return how many ids are given; where that is not seen, as many as there may be."""
        if isinstance(value, ListValueNode):
            return min(len(value.values), LIST_LIMIT)
        given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
        is_list = isinstance(given, list)
        return min(len(cast("list[Any]", given)), LIST_LIMIT) if is_list else LIST_LIMIT


def _definition(node: FieldNode, parent: GraphQLNamedType | None) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return parent.fields.get(node.name.value)
    return None
