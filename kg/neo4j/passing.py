"""What passes a filter, over the columns that are held (schema.graph.Filter)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.columns.counting import Column, Numbers, distinct_keys
from kg.columns.places import ASPECT_PLACE, RELATION_PLACE
from kg.neo4j.read_columns import HeldColumns
from kg.neo4j.rows import labels
from schema.facets import Facet
from schema.graph import Filter
from schema.nodes import NodeKind

Flags = NDArray[np.bool_]


def is_answered(where: Filter) -> bool:
    """Whether the columns hold all that a filter asks."""
    asks_more = where.posts or where.intentions or where.kinds_of or where.asks_judgement
    return not asks_more and where.plausibility is None and all(map(is_answered, where.parts))


@dataclass(frozen=True, slots=True)
class Passing:
    """What passes a filter that is answered (kg.columns.facets.Passing)."""

    held: HeldColumns
    where: Filter

    def nodes(self, kind: NodeKind) -> Numbers:
        if self.where.is_empty:
            return self.held.columns.nodes(kind)
        return distinct_keys(self.pairs()[0 if kind is NodeKind.POST else 1])

    def pairs(self) -> Numbers:
        pairs = self.held.pairs
        if not self.where.is_empty:
            pairs = pairs[:, np.flatnonzero(_holds(self.held, self.where))]
        return pairs.astype(np.int64)


def _holds(held: HeldColumns, where: Filter) -> Flags:
    """Say of each pair whether a filter holds."""
    holds = _own(held, where)
    for part in where.all_of:
        holds &= _holds(held, part)
    if where.any_of:
        holds &= np.logical_or.reduce([_holds(held, part) for part in where.any_of])
    for part in where.none_of:
        holds &= ~_holds(held, part)
    return holds


def _own(held: HeldColumns, where: Filter) -> Flags:
    """Say of each pair whether a filter holds, but for its parts."""
    posts, intentions, runs = held.pairs
    holds = np.ones(len(posts), np.bool_)
    for flags in _of_posts(held, where):
        holds &= flags[posts]
    for flags in _of_intentions(held, where):
        holds &= flags[intentions]
    for concept in held.numbers_of(Facet.CONCEPT, where.concepts):
        holds &= _mentioning(held, concept)[posts] | _about(held, concept)[intentions]
    for by, asked in _RUN_CONDITIONS.items():
        if values := asked(where):
            some = [key for key, value in held.runs(by) if value in values]
            holds &= np.isin(runs, some)
    return holds


_RUN_CONDITIONS: Final[dict[Facet, Callable[[Filter], tuple[str, ...]]]] = {
    Facet.RUN: lambda where: where.runs,
    Facet.MODEL: lambda where: where.models,
    Facet.PROMPT: lambda where: where.prompts,
}


def _of_posts(held: HeldColumns, where: Filter) -> Iterator[Flags]:
    """Yield for each condition of posts, by key, whether it holds."""
    columns, size = held.columns, held.sizes[NodeKind.POST]
    if where.sources:
        yield _flags(size, _keys(columns.source, held.numbers_of(Facet.SOURCE, where.sources)))
    for label in held.numbers_of(Facet.LABEL, labels(where.labels)):
        yield _flags(size, _keys(columns.label, [label]))
    for hashtag in held.numbers_of(Facet.HASHTAG, where.hashtags):
        yield _flags(size, _keys(columns.hashtag, [hashtag]))
    aspects, uris = [aspect for aspect, _ in where.mentioned], [uri for _, uri in where.mentioned]
    for aspect, concept in zip(aspects, held.numbers_of(Facet.CONCEPT, uris), strict=True):
        is_in = columns.mentions[2] == ASPECT_PLACE[aspect]
        yield _flags(size, _keys(columns.mentions[:2, is_in], [concept]))


def _of_intentions(held: HeldColumns, where: Filter) -> Iterator[Flags]:
    """Yield for each condition of intentions, by key, whether it holds."""
    if where.relations:
        places = [RELATION_PLACE[relation] for relation in where.relations]
        yield _flags(held.sizes[NodeKind.INTENTION], _keys(held.columns.relation, places))
    for concept in held.numbers_of(Facet.CONCEPT, where.about):
        yield _about(held, concept)


def _mentioning(held: HeldColumns, concept: int) -> Flags:
    return _flags(held.sizes[NodeKind.POST], _keys(held.columns.mentions, [concept]))


def _about(held: HeldColumns, concept: int) -> Flags:
    return _flags(held.sizes[NodeKind.INTENTION], _keys(held.columns.about, [concept]))


def _keys(table: Column, values: Sequence[int]) -> Column:
    """Return the keys that have one of these values: the table's first and second column."""
    is_one = table[1] == values[0] if len(values) == 1 else np.isin(table[1], values)
    return table[0][is_one]


def _flags(size: int, keys: Column) -> Flags:
    """Say of each key up to a size, of 0 too, whether it is one of these."""
    flags = np.zeros(size, np.bool_)
    flags[keys] = True
    return flags
