"""What a field costs beside its values: ``@cost`` on its definition, published in the SDL.

The directive is that of IBM's GraphQL Cost Directives specification, which other servers and
gateways read too: https://ibm.github.io/graphql-specs/cost-spec.html.
"""

from typing import Final

import strawberry
from graphql import GraphQLField, StringValueNode
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What a field costs each time it is asked, beside the values of its answer.",
)
class Cost:
    """The directive."""

    weight: str = strawberry.field(description="A whole number: 1 is as much as to show one value.")


CALLS: Final = Cost(weight="100")
"""Calls the store, or a model and the store."""

TRAVERSES: Final = Cost(weight="1000")
LOOKS_AT_ALL: Final = Cost(weight="2500")
"""Looks at all that passes: it may take a core for seconds."""

EXPORTS: Final = Cost(weight="10000")
"""Reads and shows up to kg.subgraph's limits: tens of megabytes."""


def weight_of(field: GraphQLField) -> int | None:
    """Return the weight of a field, as Strawberry or SDL gives it; None where there is none."""
    definition = field.extensions.get(DEFINITION)
    if isinstance(definition, StrawberryField):
        given = [one.weight for one in definition.directives if isinstance(one, Cost)]
    else:
        given = _written(field)
    return int(given[0]) if given else None


def _written(field: GraphQLField) -> list[str]:
    return [
        argument.value.value
        for directive in (field.ast_node.directives or () if field.ast_node else ())
        if directive.name.value == "cost"
        for argument in directive.arguments or ()
        if isinstance(argument.value, StringValueNode)
    ]
