"""What posts have of one relation beside what they have of another."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

import numpy as np

from kg.columns.places import RELATION_PLACE
from kg.embeddings import Sides, divergence_order, most_alike
from kg.sqlite.rows import Row
from kg.sqlite.selection import condition
from kg.store import DivergentPair
from schema.graph import Filter
from schema.relations import Relation

BLOCK_POSTS: Final = 2_000
"""Posts that are compared at a time: their embeddings are all of them that are in memory."""


def divergent(
    connection: sqlite3.Connection, relations: tuple[Relation, Relation], k: int, where: Filter
) -> list[DivergentPair]:
    """Return of k posts the intentions that are least alike (GraphStore.divergent)."""
    posts = _posts(connection, relations, where)
    best: list[DivergentPair] = []
    while block := list(islice(posts, BLOCK_POSTS)):
        best = sorted([*best, *most_alike(block)], key=divergence_order)[:k]
    return best


def _posts(
    connection: sqlite3.Connection, relations: tuple[Relation, Relation], where: Filter
) -> Iterator[Sides]:
    pair = condition(where, post="h.post", intention="h.intention")
    # CROSS JOIN keeps the order of the tables: that in which has_intention is stored.
    sql = f"""
    SELECT p.id, i.relation, i.id, e.embedding FROM has_intention AS h
    CROSS JOIN intention AS i ON i.key = h.intention AND i.relation IN (?, ?)
    CROSS JOIN intention_embedding AS e ON e.key = i.key
    CROSS JOIN post AS p ON p.key = h.post
    WHERE {pair} ORDER BY h.post
    """
    places = tuple(RELATION_PLACE[relation] for relation in relations)
    rows = connection.execute(sql, (*places, *pair.parameters))
    for post_id, own in groupby(rows, itemgetter(0)):
        yield _sides(post_id, places, own)


def _sides(post_id: str, places: tuple[int, ...], rows: Iterable[Row]) -> Sides:
    # By id: an intention comes once for each run that said it.
    held: tuple[dict[str, bytes], ...] = ({}, {})
    for _, place, intention_id, embedding in rows:
        held[places.index(place)][intention_id] = embedding
    first, second = (
        [(i, np.frombuffer(embedding, np.float16)) for i, embedding in own.items()] for own in held
    )
    return Sides(post_id, first, second)
