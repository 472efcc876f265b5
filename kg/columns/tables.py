"""The columns of one version of a graph, and the names of what is in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from kg.columns.counting import Column, Numbers
from schema.facets import Facet
from schema.nodes import NodeKind

RUNS_OF: Final = (Facet.RUN, Facet.MODEL, Facet.PROMPT)
"""The facets whose values runs have."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The tables of one version of the graph.

    Attributes:
        has_intention: (3, n) keys of post, intention and run.
        mentions: (3, n) keys of post and concept, place of the aspect.
        about: (2, n) keys of intention and concept.
        relation: (2, n) keys of every intention, and the place of its relation.
        source: (2, n) keys of every post, and the number of its source.
        label: (2, n) keys of posts, and the number of a label.
        hashtag: (2, n) keys of posts, and the number of a hashtag.

    Keys rise from 1, 0 is none. Rows are distinct and rise, column by column.
    """

    has_intention: Column
    mentions: Column
    about: Column
    relation: Column
    source: Column
    label: Column
    hashtag: Column

    def nodes(self, kind: NodeKind) -> Numbers:
        """Return the keys of every post, or every intention, rising."""
        table = self.source if kind is NodeKind.POST else self.relation
        return table[0].astype(np.int64)

    def pairs(self) -> Numbers:
        """Return every pair, (3, n) keys of post, intention and run, 0 for none.

        A node that is in no pair is a row of its own.
        """
        held = self.has_intention.astype(np.int64)
        ends = (NodeKind.POST, NodeKind.INTENTION)
        alone = [_without(self.nodes(kind), held[row]) for row, kind in enumerate(ends)]
        rows = [np.zeros((3, len(keys)), np.int64) for keys in alone]
        for row, keys in enumerate(alone):
            rows[row][row] = keys
        return np.concatenate([held, *rows], axis=1)


class Names(Protocol):
    """What the numbers in the columns of a graph stand for."""

    def of(self, by: Facet, numbers: Numbers) -> Mapping[int, str]:
        """Return the names of these values of a facet, and maybe of others.

        Asked of sources, labels (schema.text.label_text), hashtags and concepts.
        """
        ...

    def runs(self, by: Facet) -> Sequence[tuple[int, str]]:
        """Return the key of each run with its value of a facet, one of RUNS_OF."""
        ...


def distinct(table: Column) -> Column:
    """Return the distinct rows of a table of rising rows: (n, width) becomes (width, m)."""
    is_first = np.ones(len(table), np.bool_)
    is_first[1:] = (table[1:] != table[:-1]).any(axis=1)
    return np.ascontiguousarray(table[is_first].T)


def _without(keys: Numbers, some: Numbers) -> Numbers:
    is_there = np.bincount(some, minlength=1 + int(keys.max(initial=0)))
    return keys[is_there[keys] == 0]
