"""Counting nodes by a facet over the columns of a graph (GraphStore.facet)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from kg.columns.counting import Numbers, Table, Way, count, distinct_keys
from kg.columns.places import ASPECT_PLACE, RELATIONS
from kg.columns.tables import RUNS_OF, Columns, Names
from schema.facets import ASPECT_OF, OF_INTENTIONS, OF_POSTS, OWN, Facet
from schema.nodes import NodeKind
from schema.relations import RELATIONS_OF, Side

BY_COLUMNS: Final = OF_POSTS | OF_INTENTIONS | {Facet.CONCEPT, *RUNS_OF}
"""The facets that columns can count: all but those of judgements."""

SIDES: Final = tuple(Side)
SIDE_OF: Final = np.array(
    [next(n for n, side in enumerate(SIDES) if r in RELATIONS_OF[side]) for r in RELATIONS],
    np.int32,
)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted: the nodes of a kind, by a facet of BY_COLUMNS."""

    kind: NodeKind
    by: Facet


class Passing(Protocol):
    """What passes a filter."""

    def nodes(self, kind: NodeKind) -> Numbers:
        """Return the keys of the posts, or of the intentions, that pass, rising."""
        ...

    def pairs(self) -> Numbers:
        """Return the pairs that pass, as ``Columns.pairs`` does."""
        ...


def facet(columns: Columns, names: Names, passing: Passing, subject: Counted) -> dict[str, int]:
    """Count the nodes that pass (GraphStore.facet)."""
    counts = count(*_ways(columns, names, passing, subject))
    numbers = np.flatnonzero(counts)
    name_of = _names(names, subject.by, numbers)
    found = zip(numbers.tolist(), counts[numbers].tolist(), strict=True)
    return {name_of[number]: nodes for number, nodes in found if name_of.get(number)}


def _ways(
    columns: Columns, names: Names, passing: Passing, subject: Counted
) -> tuple[Way | None, Way | None]:
    kind, by = subject.kind, subject.by
    if by in OWN[kind]:
        nodes = passing.nodes(kind)
        return Way(nodes, nodes, _table(columns, by)), None
    posts, intentions, runs = passing.pairs()
    node, other = (posts, intentions) if kind is NodeKind.POST else (intentions, posts)
    if by in RUNS_OF:
        return None, Way.of(node, runs, _run_table(names, by))
    if by is not Facet.CONCEPT:
        return None, Way.of(node, other, _table(columns, by))
    mine, others = _mentions(columns), Table(*columns.about)
    if kind is NodeKind.INTENTION:
        mine, others = others, mine
    nodes = distinct_keys(node)
    return Way(nodes, nodes, mine), Way.of(node, other, others)


def _table(columns: Columns, by: Facet) -> Table:
    if by in ASPECT_OF:
        return _mentions(columns, ASPECT_PLACE[ASPECT_OF[by]])
    if by is Facet.SIDE:
        keys, relations = columns.relation
        return Table(keys, SIDE_OF[relations])
    return Table(*getattr(columns, by))


def _mentions(columns: Columns, aspect: int | None = None) -> Table:
    """Return the concepts that posts mention, in an aspect or in any."""
    posts, concepts, aspects = columns.mentions
    kept = aspects == aspect if aspect is not None else np.ones(len(posts), np.bool_)
    if aspect is None:
        kept[1:] = (posts[1:] != posts[:-1]) | (concepts[1:] != concepts[:-1])
    return Table(posts[kept], concepts[kept])


def _run_table(names: Names, by: Facet) -> Table:
    number_of = {name: number for number, name in enumerate(_run_names(names, by))}
    rows = sorted((key, number_of[name]) for key, name in names.runs(by))
    keys, numbers = np.array(rows, np.int32).reshape(-1, 2).T
    return Table(keys, numbers)


def _run_names(names: Names, by: Facet) -> list[str]:
    return sorted({name for _, name in names.runs(by)})


def _names(names: Names, by: Facet, numbers: Numbers) -> Mapping[int, str]:
    """Return what the numbers of a facet's values stand for."""
    match by:
        case Facet.RELATION:
            return dict(enumerate(relation.value for relation in RELATIONS))
        case Facet.SIDE:
            return dict(enumerate(side.value for side in SIDES))
        case Facet.RUN | Facet.MODEL | Facet.PROMPT:
            return dict(enumerate(_run_names(names, by)))
        case _:
            return names.of(by, numbers)
