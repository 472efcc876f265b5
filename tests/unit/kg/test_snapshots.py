"""A question asked of one state of the graph, while an index has seen a later one."""

from collections.abc import Generator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from kg.deletion import DeletionRequest
from kg.sqlite import changes
from kg.sqlite.database import Database
from kg.sqlite.delete import delete_post
from kg.sqlite.derived import Derived
from kg.sqlite.embeddings import put_embeddings, require_model
from kg.sqlite.search import match, nearest
from kg.sqlite.write import put
from kg.store import EmbeddingModel
from schema.graph import EVERYTHING, Batch
from schema.nodes import Intention, NodeKind, Post
from schema.relations import Relation

KIND: Final = NodeKind.INTENTION
IDS: Final = sorted(Intention.of(Relation.OPEN, f"tail {n}").id for n in range(100))
AXIS: Final = np.array([1, 0], np.float32)


@pytest.fixture
def database(tmp_path: Path) -> Generator[Database]:
    """A graph of a hundred intentions, of which three are embedded."""
    opened = Database(tmp_path / "graph.db", 1.0)
    tails = tuple(Intention.of(Relation.OPEN, f"tail {n}") for n in range(100))
    with opened.writing() as connection:
        put(connection, Batch(intentions=tails))
        require_model(connection, EmbeddingModel("axes", "1", 2))
        put_embeddings(connection, KIND, IDS[:3], np.repeat([AXIS], 3, axis=0))
    yield opened
    opened.close()


@pytest.mark.parametrize("k", [1, 2, 3, 20])
def test_what_was_written_since_takes_no_place_among_the_matches(
    database: Database, k: int
) -> None:
    derived = Derived(database, timeout_s=1.0)
    late = tuple(Intention.of(Relation.OPEN, f"tail tail tail {n}") for n in range(100))
    with database.reading() as before, database.reading() as now:
        changes.version(before)  # a transaction sees the state of its first question
        with database.writing() as connection:
            put(connection, Batch(intentions=late))
        derived.words(now, KIND)

        matches = match(derived, before, KIND, "tail", k, EVERYTHING)

    assert [hit.id for hit in matches] == IDS[:k]


@pytest.mark.parametrize("k", [1, 2, 3, 20])
def test_what_was_embedded_since_takes_no_place_among_the_nearest(
    database: Database, k: int
) -> None:
    derived = Derived(database, timeout_s=1.0)
    with database.reading() as before, database.reading() as now:
        changes.version(before)  # a transaction sees the state of its first question
        with database.writing() as connection:
            put_embeddings(connection, KIND, IDS[3:], np.repeat([AXIS], 97, axis=0))
        derived.vectors(now, KIND)

        near = nearest(derived, before, KIND, AXIS, k, EVERYTHING)

    assert [hit.id for hit in near] == IDS[:3][:k]


def test_no_key_is_used_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "graph.db", 1.0)
    keys: list[int] = []
    for post_id in ("s:1", "s:2"):
        with database.writing() as connection:
            put(connection, Batch(posts=(Post(post_id, "text", "s"),)))
            keys += [key for (key,) in connection.execute("SELECT key FROM post")]
            delete_post(connection, DeletionRequest(post_id))
    database.close()

    assert keys == [1, 2]
