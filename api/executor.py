"""Execution of GraphQL: plain fields are read at once, all else as graphql-core does it.

Most values of an answer are attributes of what a resolver returned. graphql-core gives each of them
a path, an info and a call of a resolver, which takes many times as long as to read it. What is not
so simple (a value of another type than its field's, one that is missing) is left to graphql-core,
and so are its errors.
"""

from collections.abc import Awaitable, Callable
from enum import Enum
from math import isfinite
from operator import attrgetter
from typing import Any, Final, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
    is_enum_type,
    is_scalar_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF
MISSING: Final = object()
INTS: Final = range(-(2**31), 2**31)
EXACT: Final[dict[str, type]] = {
    GraphQLString.name: str,
    GraphQLID.name: str,
    GraphQLBoolean.name: bool,
    GraphQLInt.name: int,
    GraphQLFloat.name: float,
}
"""The Python type whose values are an answer as they are; infinite floats and long ints are not."""


class Plain(NamedTuple):
    """A field that is an attribute, or a function of what it is a field of and of nothing else.

    Attributes:
        read: Gives its value.
        exact: The type of values that are answered as they are.
        names: Of an enum, the name of each value; None for other types.
        is_nullable: Whether None is an answer.
    """

    read: Callable[[Any], Any]
    exact: type | None
    names: dict[Any, str] | None
    is_nullable: bool


class Field(NamedTuple):
    """A selected field, and how it is read where it is plain."""

    response_name: str
    details: FieldDetailsList
    plain: Plain | None


class PlainFieldsExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation. What is selected of a type is looked at once, not once a node."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fields: dict[tuple[int, str], tuple[GroupedFieldSet, list[Field]]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """Read the plain fields, and put them in their places among the others."""
        fields = self._selected(parent_type, grouped_field_set)
        values: dict[str, Any] = {}
        others: GroupedFieldSet = {}
        for name, details, plain in fields:
            values[name] = value = MISSING if plain is None else _read(source_value, plain)
            if value is MISSING:
                others[name] = details
        if not others:
            return values
        rest = super().execute_fields(parent_type, source_value, path, others, position_context)
        if isinstance(rest, dict):
            return _together(values, others, rest)
        return _completed(values, others, rest)

    def _selected(self, parent: GraphQLObjectType, grouped: GroupedFieldSet) -> list[Field]:
        # The set is kept with what is known of it: no other may take its id meanwhile.
        key = id(grouped), parent.name
        known = self._fields.get(key)
        if known is None:
            fields = [
                Field(name, details, _plain(parent, details[0].node.name.value))
                for name, details in grouped.items()
            ]
            known = self._fields[key] = grouped, fields
        return known[1]


async def _completed(
    values: dict[str, Any], others: GroupedFieldSet, rest: Awaitable[dict[str, Any]]
) -> dict[str, Any]:
    return _together(values, others, await rest)


def _together(
    values: dict[str, Any], others: GroupedFieldSet, rest: dict[str, Any]
) -> dict[str, Any]:
    """Put values in their places; one that graphql-core leaves out has none."""
    for name in others:
        values[name] = rest.get(name, MISSING)
        if values[name] is MISSING:
            del values[name]
    return values


def _plain(parent: GraphQLObjectType, name: str) -> Plain | None:
    """Return how a field is read, None where it has a resolver, arguments or fields of its own."""
    field = parent.fields.get(name)
    definition = field.extensions.get(DEFINITION) if field else None
    if field is None or not isinstance(definition, StrawberryField):
        return None
    read = _reader(definition)
    if read is None or field.args:
        return None
    is_nullable = not isinstance(field.type, GraphQLNonNull)
    of: Any = field.type if is_nullable else field.type.of_type
    if is_enum_type(of):
        members: type[Enum] = of.extensions[DEFINITION].wrapped_cls
        names = {member: of.coerce_output_value(member) for member in members}
        return Plain(read, members, names, is_nullable)
    exact = EXACT.get(of.name) if is_scalar_type(of) else None
    return exact and Plain(read, exact, None, is_nullable)


def _reader(definition: StrawberryField) -> Callable[[Any], Any] | None:
    resolver: Any = definition.base_resolver  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] its own
    if definition.extensions or definition.permission_classes:
        return None
    if resolver is None:
        return attrgetter(definition.python_name)
    if resolver.is_async or resolver.arguments or resolver.info_parameter:
        return None
    return resolver.wrapped_func if resolver.self_parameter else None


def _read(source: Any, plain: Plain) -> Any:
    """Return the value of a plain field as the answer holds it, or MISSING."""
    try:
        value: Any = plain.read(source)
    except Exception:
        return MISSING
    if type(value) is plain.exact:
        if plain.names is not None:
            return plain.names[value]
        if plain.exact is float:
            return value if isfinite(value) else MISSING
        return value if plain.exact is not int or value in INTS else MISSING
    return None if value is None and plain.is_nullable else MISSING
