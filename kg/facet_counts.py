"""What a store keeps of the facets that it counted."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from kg.kept import Kept
from schema.errors import QueryError
from schema.facets import COUNTED, Facet
from schema.graph import Filter
from schema.nodes import NodeKind

FACET_VALUES_KEPT: Final = 1_000_000
"""Most values, each with its count, that are kept together: some 100 MB."""

KeptFacets: TypeAlias = Kept[tuple[NodeKind, Facet, Filter], Mapping[str, int]]


def require_counted(kind: NodeKind) -> None:
    """Check that a kind is counted by facets.

    Raises:
        QueryError: It is not.
    """
    if kind not in COUNTED:
        raise QueryError("concepts are not counted by facets: count posts or intentions")
