"""What can go wrong with the embedded store: each a clear error that says the way out."""

import shutil
import sqlite3
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest
from contract.small_graph import BATCH, DOG_POST

from kg.connect import connect
from kg.settings import StoreSettings
from kg.sqlite.store import open_sqlite
from kg.sqlite.words import WordIndex
from schema.errors import StoreBusyError, StoreFullError, StoreUnreadableError
from schema.graph import Batch
from schema.nodes import NodeKind, Post

pytestmark = pytest.mark.anyio


async def test_an_unknown_address_is_refused() -> None:
    with pytest.raises(StoreUnreadableError, match=r"sqlite:///miko\.db"):
        async with connect(StoreSettings(url="mysql://graph")):
            pass


async def test_a_graph_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/graph.db"

    with pytest.raises(StoreUnreadableError, match="miko load"):
        async with connect(StoreSettings(url=url), create=False):
            pass

    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    path.write_text("not a database, but somebody's letter, longer than a header\n" * 40)

    with pytest.raises(StoreUnreadableError, match="no SQLite file, or a damaged one"):
        async with open_sqlite(path, timeout_s=1.0):
            pass

    assert path.read_text().startswith("not a database")


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bills (sum)")
    other.close()

    with pytest.raises(StoreUnreadableError, match="another program"):
        async with open_sqlite(path, timeout_s=1.0):
            pass


async def test_a_newer_graph_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(BATCH)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()

    with pytest.raises(StoreUnreadableError, match=r"newer MIKO.*upgrade MIKO"):
        async with open_sqlite(path, timeout_s=1.0):
            pass


async def test_a_graph_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(BATCH)
        held = await store.intentions_of([DOG_POST.id])
    older = sqlite3.connect(path)
    older.execute("ALTER TABLE has_intention DROP COLUMN estimator")
    older.execute("PRAGMA user_version = 1")
    older.close()

    async with open_sqlite(path, timeout_s=1.0) as store:
        assert await store.intentions_of([DOG_POST.id]) == held


async def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreadableError, match="its folder exists"):
        async with open_sqlite(tmp_path / "nowhere/graph.db", timeout_s=1.0):
            pass


async def test_a_file_in_the_place_of_the_indexes_is_told(tmp_path: Path) -> None:
    (tmp_path / "graph.db.index").write_text("notes")

    with pytest.raises(StoreUnreadableError, match="move away what is there"):
        async with open_sqlite(tmp_path / "graph.db", timeout_s=1.0):
            pass


async def test_a_second_writer_waits_then_says_so_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    async with open_sqlite(path, timeout_s=0.1) as store:
        await store.put(BATCH)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreBusyError, match="MIKO_STORE_TIMEOUT_S"):
            await store.put(Batch(posts=(Post("a:1", "one", "a"),)))
        assert await store.posts([DOG_POST.id]) == [DOG_POST]

        other.execute("ROLLBACK")
        other.close()
        written = await store.put(Batch(posts=(Post("a:1", "one", "a"),)))
    assert written.counts == {"Post": 1}


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk can be mounted by root only: run the tests as root to see this")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_keeps_what_was_written_before(small_disk: Path) -> None:
    big = Batch(posts=tuple(Post(f"a:{n}", "x" * 10_000, "a") for n in range(500)))
    async with open_sqlite(small_disk / "graph.db", timeout_s=1.0) as store:
        await store.put(BATCH)

        with pytest.raises(StoreFullError, match="free some disk space"):
            await store.put(big)

        assert await store.posts([DOG_POST.id, "a:1"]) == [DOG_POST, None]


async def test_words_that_a_crash_left_unnoted_are_indexed_once(tmp_path: Path) -> None:
    path, note = tmp_path / "graph.db", tmp_path / "graph.db.index" / "post.words.json"
    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(Batch(posts=(DOG_POST,)))
        await store.refresh()
        before = note.read_bytes()
        await store.put(BATCH)
        whole = await store.match(NodeKind.POST, "home cake train", 5)
    note.write_bytes(before)

    async with open_sqlite(path, timeout_s=1.0) as store:
        assert await store.match(NodeKind.POST, "home cake train", 5) == whole


@pytest.mark.parametrize("name", ["post.words/meta.json", "post.words.json", "post.words"])
async def test_a_damaged_word_index_is_built_anew(tmp_path: Path, name: str) -> None:
    path = tmp_path / "graph.db"
    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(BATCH)
        await store.refresh()
    hurt = tmp_path / "graph.db.index" / name
    if hurt.is_dir():
        shutil.rmtree(hurt)
    else:
        hurt.write_text("{torn")

    async with open_sqlite(path, timeout_s=1.0) as store:
        matches = await store.match(NodeKind.POST, "home", 5)

    assert [hit.id for hit in matches] == [DOG_POST.id]


async def test_indexes_of_another_graph_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(BATCH)
        await store.refresh()
    for file in tmp_path.glob("graph.db*"):
        if file.is_file():
            file.unlink()

    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(Batch(posts=(Post("a:1", "one home", "a"),)))
        matches = await store.match(NodeKind.POST, "home", 5)

    assert [hit.id for hit in matches] == ["a:1"]


async def test_indexes_ahead_of_a_graph_that_was_restored_are_not_believed(tmp_path: Path) -> None:
    path, copy = tmp_path / "graph.db", tmp_path / "copy.db"
    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(BATCH)
    shutil.copy(path, copy)
    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(Batch(posts=(Post("a:1", "a home that is lost", "a"),)))
        await store.put(Batch(posts=(Post("a:2", "another home", "a"),)))
        await store.refresh()
    shutil.copy(copy, path)
    async with open_sqlite(path, timeout_s=1.0) as store:
        await store.put(Batch(posts=(Post("b:1", "one house", "b"), Post("b:2", "two", "b"))))
        await store.put(Batch(posts=(Post("b:3", "three", "b"),)))

    async with open_sqlite(path, timeout_s=1.0) as store:
        homes = await store.match(NodeKind.POST, "home", 5)
        houses = await store.match(NodeKind.POST, "house", 5)

    assert [hit.id for hit in homes] == [DOG_POST.id]
    assert [hit.id for hit in houses] == ["b:1"]


def cannot_be_opened(_: WordIndex) -> None:
    """Stand for an index that the system will not open: too many files are open."""


async def test_a_word_index_that_fails_to_open_once_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "graph.db"
    async with open_sqlite(path, timeout_s=1.0) as store, open_sqlite(path, timeout_s=1.0) as other:
        await store.put(BATCH)
        await store.match(NodeKind.POST, "home", 5)
        await other.put(Batch(posts=(Post("a:1", "one home", "a"),)))
        await other.match(NodeKind.POST, "home", 5)
        await other.put(Batch(posts=(Post("a:2", "two", "a"),)))
        monkeypatch.setattr(WordIndex, "_opened", cannot_be_opened)

        matches = await store.match(NodeKind.POST, "home", 5)

    assert {hit.id for hit in matches} == {DOG_POST.id, "a:1"}
