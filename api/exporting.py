"""A subgraph as GraphQL shows it: its manifest in fields, and its lines."""

from collections.abc import Sequence

import strawberry

from api.context import Context
from api.counting import Count
from api.cursor import LIST_LIMIT, checked_first
from api.ids import key_of
from kg import subgraph
from kg.subgraph import Wanted
from schema.errors import QueryError
from schema.graph import Filter
from schema.subgraph import FORMAT


@strawberry.type(description="Under which licence a part of a subgraph is, and whom to name.")
class PartLicence:
    """A licence."""

    of: str = strawberry.field(description="The label or type: 'Post', 'RELATED'.")
    source: str = strawberry.field(
        description="Of posts and commonsense their source, of what a run says its model, of "
        "judgements the annotator; empty where none is known."
    )
    licence: str | None = strawberry.field(
        description="As the source names it; null where the graph does not know it."
    )
    attribution: str | None = strawberry.field(
        description="Whom to name; null where that is not known."
    )
    count: int = strawberry.field(description="How many nodes or relationships.")


@strawberry.type(
    description="Nodes with what they need to be understood, as JSON Lines that `miko load` takes, "
    "and what the first of these lines says."
)
class Subgraph:
    """A subgraph."""

    format: str = strawberry.field(description="Version of the form of the lines.")
    created: str = strawberry.field(description="When it was made: ISO 8601, UTC.")
    graph: str = strawberry.field(description="What the graph is named; empty where it is not.")
    version: int = strawberry.field(description="The graph's version.")
    counts: list[Count] = strawberry.field(
        description="Nodes by label and relationships by type. At most 10."
    )
    licences: list[PartLicence] = strawberry.field(
        description="By part and source; all of them are in the lines. At most 100."
    )
    more_posts_of: list[strawberry.ID] = strawberry.field(
        description="Keys of intentions that have more posts than `posts` allows. At most 100."
    )
    more_pass: bool = strawberry.field(description="Whether more posts pass than `first` allows.")
    sha256: str = strawberry.field(
        description="SHA-256 of the lines behind the first, their ends included, in hex."
    )
    size_bytes: int = strawberry.field(description="How many bytes these lines have.")
    lines: str = strawberry.field(
        description="The manifest in the first line; then runs, concepts, intentions, posts and "
        "commonsense, each with what it has: docs/subgraph.schema.json."
    )

    @staticmethod
    def of(found: subgraph.Exported) -> "Subgraph":
        """Return a subgraph as GraphQL shows it."""
        return Subgraph(
            format=FORMAT,
            created=found.created,
            graph=found.graph,
            version=found.version,
            counts=[Count(name=name, count=count) for name, count in found.counts.items()],
            licences=[
                PartLicence(
                    of=one.of,
                    source=one.source,
                    licence=one.licence,
                    attribution=one.attribution,
                    count=one.count,
                )
                for one in found.licences[:LIST_LIMIT]
            ],
            more_posts_of=[strawberry.ID(one) for one in found.more_posts_of],
            more_pass=found.more_pass,
            sha256=found.sha256,
            size_bytes=len(found.content),
            lines=found.lines.decode(),
        )


async def exported(
    context: Context, node_ids: Sequence[str], where: Filter, *, first: int, posts: int
) -> Subgraph:
    """Return the subgraph of nodes by either of their ids, or of posts that pass.

    Raises:
        QueryError: It asks for nothing, or for too much.
        UnknownIdError: An id names no node.
    """
    if len(node_ids) > LIST_LIMIT:
        raise QueryError(f"ids has {len(node_ids)} values: at most {LIST_LIMIT}")
    keys = tuple(dict.fromkeys(map(key_of, node_ids)))
    wanted = Wanted(keys, where, checked_first(first), posts)
    return Subgraph.of(await subgraph.subgraph(context.source.store, wanted))
