"""Facets over columns, against the definition and against SQL, on random small graphs."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from contract.filtered_graphs import filters, graphs
from contract.test_facets import SUBJECTS, Counted, counted
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.columns import counting
from kg.columns import facets as column_facets
from kg.columns.counting import Table, Way
from kg.sqlite.database import Database
from kg.sqlite.derived import Derived
from kg.sqlite.facets import facet, facet_by_sql
from kg.sqlite.write import put
from schema.facets import Facet
from schema.graph import EVERYTHING, Batch, Filter
from schema.nodes import NodeKind, Post

BY_COLUMNS = [(kind, by) for kind, by in SUBJECTS if by in column_facets.BY_COLUMNS]


@given(graphs, filters)
@settings(max_examples=40, deadline=None)
def test_columns_count_what_the_definition_says(batch: Batch, where: Filter) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = [asked(Path(folder), batch, one) for one in (EVERYTHING, where)]

    for one, counts in zip((EVERYTHING, where), found, strict=True):
        expected = counted(batch, one)
        assert counts == {subject: expected[subject] for subject in BY_COLUMNS}


def asked(folder: Path, batch: Batch, where: Filter) -> Counted:
    """Count everything by the columns."""
    database = Database(folder / "graph.db", 1.0)
    with database.writing() as connection:
        put(connection, batch)
    derived = Derived(database, timeout_s=1.0)
    with database.reading() as connection:
        derived.columns(connection, anew=True)
        found = {(k, by): facet(derived, connection, k, by, where) for k, by in BY_COLUMNS}
    derived.close()
    database.close()
    return found


@given(st.lists(st.tuples(*[st.integers(1, 6)] * 2), max_size=30), st.data())
@pytest.mark.parametrize("block", [1, 7, 1000])
def test_blocks_do_not_change_what_is_counted(
    block: int, rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    keys, values = np.array(sorted(set(rows)), np.int32).reshape(-1, 2).T
    pairs = data.draw(st.lists(st.tuples(*[st.integers(1, 6)] * 2), max_size=30))
    nodes, others = np.array(pairs, np.int64).reshape(-1, 2).T

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BLOCK", block)
        found = counting.count(None, Way(nodes, others, Table(keys, values)))

    distinct = {(node, value) for node, key in pairs for k, value in rows if k == key}
    expected = np.bincount([value for _, value in distinct], minlength=len(found))
    assert found.tolist() == expected[: len(found)].tolist()
    assert found.sum() == len(distinct)


def test_what_is_written_since_is_counted(tmp_path: Path) -> None:
    database = Database(tmp_path / "graph.db", 1.0)
    derived = Derived(database, timeout_s=1.0)
    for number in range(2):
        with database.writing() as connection:
            put(connection, Batch(posts=(Post(f"s:{number}", "text", "s"),)))
        with database.reading() as connection:
            found = facet(derived, connection, NodeKind.POST, Facet.SOURCE, EVERYTHING)
            assert found == {"s": number + 1}
    derived.close()
    database.close()


@pytest.mark.parametrize("size", [0, 5, 40])
def test_a_torn_file_is_made_anew(tmp_path: Path, size: int) -> None:
    database = Database(tmp_path / "graph.db", 1.0)
    with database.writing() as connection:
        put(connection, Batch(posts=(Post("s:1", "text", "s", hashtags=("one",)),)))
    with database.reading() as connection:
        derived = Derived(database, timeout_s=1.0)
        facet(derived, connection, NodeKind.POST, Facet.SOURCE, EVERYTHING)
        derived.close()
        (tmp_path / "graph.db.index" / "columns").write_bytes(bytes(size))
        derived = Derived(database, timeout_s=1.0)
        assert derived.columns(connection, anew=False) is None
        found = facet(derived, connection, NodeKind.POST, Facet.HASHTAG, EVERYTHING)
        derived.close()
    database.close()

    assert found == {"one": 1}


def test_another_process_that_builds_indexes_holds_up_no_count(tmp_path: Path) -> None:
    database = Database(tmp_path / "graph.db", 1.0)
    with database.writing() as connection:
        put(connection, Batch(posts=(Post("s:1", "text", "s"),)))
    derived = Derived(database, timeout_s=0.1)
    with FileLock(tmp_path / "graph.db.index" / "lock"), database.reading() as connection:
        found = facet(derived, connection, NodeKind.POST, Facet.SOURCE, EVERYTHING)
    derived.close()
    database.close()

    assert found == {"s": 1}


def test_without_columns_sql_counts_the_same(tmp_path: Path) -> None:
    database = Database(tmp_path / "graph.db", 1.0)
    with database.writing() as connection:
        put(connection, Batch(posts=(Post("s:1", "text", "s", labels={"a": "b"}),)))
    where = Filter(sources=("s",))
    with database.reading() as connection:
        derived = Derived(database, timeout_s=1.0)
        found = facet(derived, connection, NodeKind.POST, Facet.LABEL, where)
        derived.close()
        by_sql = facet_by_sql(connection, NodeKind.POST, Facet.LABEL, where)
    database.close()

    assert found == by_sql == {"a=b": 1}
    assert not (tmp_path / "graph.db.index" / "columns").exists()
