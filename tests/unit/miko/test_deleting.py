"""`miko delete` and `miko purge`: the receipt, the question before, and what cannot be deleted."""

import hashlib
from pathlib import Path

import anyio
import orjson
import pytest
from contract.small_graph import AMUSED, ANGER, BATCH, CAKE_POST, TRAIN_POST, embed_intentions
from unit.miko.asking import answered, miko

from kg.connect import connect
from kg.deletion import Deletion
from kg.settings import StoreSettings
from kg.sqlite.store import SqliteStore
from schema.errors import StoreFullError

LATE = b"Lovely, the train is late again"


@pytest.fixture
def graph(folder: Path) -> str:
    """Return the address of a small graph of this test's own."""
    url = f"sqlite:///{folder}/own.db"

    async def fill() -> None:
        async with connect(StoreSettings(url=url)) as store:
            await store.put(BATCH)
            await embed_intentions(store)
            await store.refresh()

    anyio.run(fill)
    return url


def test_a_receipt_says_what_went_and_what_stayed(graph: str, folder: Path) -> None:
    (receipt,) = answered("delete", TRAIN_POST.id, "--yes", "--store", graph)

    assert receipt["post_id"] == TRAIN_POST.id
    assert {one["name"]: one["count"] for one in receipt["removed"]} == {
        "Post": 1,
        "Intention": 1,
        "Concept": 2,
        "HAS_INTENTION": 2,
        "MENTIONS": 2,
        "embedding": 1,
    }
    assert receipt["stayed"] == [{"id": AMUSED.id, "posts": 1, "intentions": 0, "related": 0}]
    assert receipt["text_sha256"] == hashlib.sha256(LATE).hexdigest()
    assert receipt["version"] > receipt["version_before"]
    assert [check["passed"] for check in receipt["checks"]] == [True] * 7
    assert (receipt["verified"], receipt["purged"], receipt["left"]) == (True, True, [])
    assert not any(LATE in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert LATE not in orjson.dumps(receipt)


def test_a_receipt_is_read_by_people_too(graph: str) -> None:
    told = miko("delete", TRAIN_POST.id, "--yes", "--no-purge", "--store", graph).stdout

    assert f"{TRAIN_POST.id}: deleted at 20" in told
    assert f"stayed: {AMUSED.id}, held by 1 posts" in told
    assert "checked: no search by its own words finds it" in told
    assert "may be left: unused space of the graph's files and indexes: run `miko purge`" in told
    assert "Nothing" in miko("purge", "--store", graph).stdout


async def no_room(_: SqliteStore) -> list[str]:
    raise StoreFullError("no room")


async def stopped(_: SqliteStore) -> list[str]:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("purge", "code"), [(no_room, 1), (stopped, 130)])
def test_receipts_outlive_a_purge_that_fails(
    graph: str, monkeypatch: pytest.MonkeyPatch, purge: object, code: int
) -> None:
    monkeypatch.setattr(SqliteStore, "purge", purge)

    told = miko("delete", TRAIN_POST.id, "--yes", "--store", graph)
    as_json = miko("delete", CAKE_POST.id, "--yes", "--json", "--store", graph)

    assert (told.exit_code, as_json.exit_code) == (code, code)
    assert f"{TRAIN_POST.id}: deleted at 20" in told.stdout
    assert "may be left: unused space of the graph's files and indexes: run `miko purge`" in (
        told.stdout
    )
    (receipt,) = orjson.loads(as_json.stdout)
    assert (receipt["verified"], receipt["purged"]) == (True, False)
    assert "miko purge" in receipt["left"][0]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_receipt_outlives_a_second_deletion_that_fails(
    graph: str, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    delete_post = SqliteStore.delete_post

    async def once(self: SqliteStore, post_id: str) -> Deletion:
        if post_id == CAKE_POST.id:
            raise StoreFullError("no room")
        return await delete_post(self, post_id)

    monkeypatch.setattr(SqliteStore, "delete_post", once)

    told = miko("delete", TRAIN_POST.id, CAKE_POST.id, "--yes", "--store", graph, *options)

    assert told.exit_code == 1
    assert "no room" in told.stderr
    assert TRAIN_POST.id in told.stdout
    assert "miko purge" in told.stdout
    assert CAKE_POST.id not in told.stdout


def test_nothing_is_deleted_without_a_yes(graph: str) -> None:
    asked = miko("delete", TRAIN_POST.id, "--store", graph)

    assert asked.exit_code == 1
    assert f"Delete {TRAIN_POST.id} for good?" in asked.output
    assert answered("stats", "--store", graph)["nodes"]["Post"] == 3


@pytest.mark.parametrize("other", ["pets:none", ANGER.id, "nonsense", "a:\x1b[31m"])
def test_where_one_is_no_post_none_is_deleted(graph: str, other: str) -> None:
    refused = miko("delete", TRAIN_POST.id, other, "--yes", "--store", graph)

    assert refused.exit_code == 1
    assert "no node has the id" in refused.stderr
    assert "\x1b" not in refused.output
    assert answered("stats", "--store", graph)["nodes"]["Post"] == 3


def test_a_post_that_was_deleted_is_told_as_such(graph: str) -> None:
    (receipt,) = answered("delete", TRAIN_POST.id, "--yes", "--store", graph)

    again = miko("delete", TRAIN_POST.id, "--yes", "--store", graph)

    assert again.exit_code == 1
    assert f"was deleted at {receipt['time']}" in again.stderr
