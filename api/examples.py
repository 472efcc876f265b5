"""Search by example, as a client says it."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from api.context import Context
from api.ids import key_of
from api.pages import Connection, Paging, Planned, Results
from api.searching import D, N, Target, connection
from kg.by_example import UNLIKE_WEIGHT, Direction, Examples, by_example, example_depth
from kg.diversity import Spread
from kg.ranking import REORDERED_POOL, RESULT_LIMIT


@strawberry.input(one_of=True, description="An example: a node of the graph, or a text.")
class Example:
    """One of the two."""

    id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="A node of any kind, by its global id or the domain's own (the node's key).",
    )
    text: str | None = strawberry.field(
        default=UNSET, description="Any text of at most 20,000 characters."
    )


Like: TypeAlias = Annotated[
    list[Example], strawberry.argument(description="What results are to be like: 1 to 20.")
]
Unlike: TypeAlias = Annotated[
    list[Example] | None,
    strawberry.argument(description="What they are to be unlike: at most 20; null for nothing."),
]
UnlikeWeight: TypeAlias = Annotated[
    float,
    strawberry.argument(
        description="Which share of the mean of `unlike` is taken off that of `like`, 0 to 1."
    ),
]


def direction_of(
    like: Sequence[Example],
    unlike: Sequence[Example] | None,
    weight: float = UNLIKE_WEIGHT,
) -> Direction:
    """Return what a client's examples stand for.

    Raises:
        QueryError: There are none, too many, or a text that cannot be searched for.
    """
    return Direction(_examples(like), _examples(unlike or ()), weight)


async def found_by_example(
    context: Context,
    target: Target[D, N],
    direction: Direction,
    *,
    spread: Spread,
    paging: Paging,
) -> Connection[N]:
    """Return a page of the nodes that are like some examples and unlike others."""
    source = context.source
    results = Results(
        context.question("by example", target.kind, direction, spread, target.where),
        REORDERED_POOL if spread.is_asked else RESULT_LIMIT,
        lambda window: by_example(
            source.store, source.embedder, direction, target.slice(window), spread=spread
        ),
    )
    page = await results.page(paging)
    depth = example_depth(direction, spread, page.ranking.offset + paging.first)
    planned = Planned(target.kind, depth, target.where)
    return await connection(target, page, planned=planned)


def _examples(given: Sequence[Example]) -> Examples:
    ids = tuple(key_of(one.id) for one in given if isinstance(one.id, str))
    return Examples(ids, tuple(one.text for one in given if isinstance(one.text, str)))
