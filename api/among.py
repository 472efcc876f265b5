"""What facets count within: the best hits of a search."""

import strawberry

from api.context import Context
from kg.found import Sought, found
from schema.graph import Filter
from schema.nodes import NodeKind
from schema.search import Mode


@strawberry.input(description="The best hits of a search, of what passes the filter beside it.")
class Among:
    """A search, and how many of its hits count."""

    text: str = strawberry.field(
        description="What to look for: any text of at most 20,000 characters."
    )
    mode: Mode = strawberry.field(default=Mode.HYBRID, description="How to rank.")
    first: int = strawberry.field(
        default=100,
        description="How many of the best hits count, 1 to 200; SEMANTIC and TEXT go to 1000.",
    )


async def within(context: Context, kind: NodeKind, among: Among | None, where: Filter) -> Filter:
    """Return the filter that asks for the hits as well, where any are asked for.

    Raises:
        QueryError: The text is empty or no text, or ``first`` is out of bounds.
    """
    if among is None:
        return where
    source = context.source
    sought = Sought(kind, among.text, among.mode, among.first)
    return await found(source.store, source.embedder, sought, where)
