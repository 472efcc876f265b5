"""The best hits of a search as a filter: what they have in common is counted like anything else."""

from dataclasses import dataclass
from typing import Final

from kg.embedder import Embedder
from kg.facet_counts import require_counted
from kg.filters import all_of
from kg.fusion import Scheme
from kg.ranking import Slice, Window
from kg.search import search
from kg.store import GraphStore
from schema.errors import QueryError
from schema.graph import Filter
from schema.nodes import NodeKind
from schema.search import Mode

NOBODY: Final = ("",)
"""No node has this id: the filter of a search that finds nothing."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for.

    Attributes:
        kind: Posts or intentions.
        text: By which text.
        mode: By meaning, by words, or by both.
        first: How many of the best count.
    """

    kind: NodeKind
    text: str
    mode: Mode
    first: int


async def found(
    store: GraphStore, embedder: Embedder | None, sought: Sought, where: Filter
) -> Filter:
    """Return the filter of the best hits that pass ``where``.

    Raises:
        QueryError: The kind is another, ``first`` is below 1, or as kg.search.search.
        EmbeddingModelError: As kg.search.search.
    """
    require_counted(sought.kind)
    if sought.first < 1:
        raise QueryError(f"first is {sought.first}: ask for 1 or more")
    ranking = await search(
        store,
        embedder,
        sought.text,
        Slice(sought.kind, where, Window(sought.first)),
        scheme=Scheme(sought.mode),
    )
    ids = tuple(sorted(hit.id for hit in ranking.hits)) or NOBODY
    is_of_posts = sought.kind is NodeKind.POST
    return all_of(where, Filter(posts=ids) if is_of_posts else Filter(intentions=ids))
