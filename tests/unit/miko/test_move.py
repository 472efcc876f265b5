"""The commands `copy` and `export`, as a person runs them."""

import errno
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import anyio
import pytest
from exports import exported
from typer.testing import CliRunner

from ingest.copy import PAGES, SOURCE
from kg.connect import connect
from kg.neo4j import admin_tables
from kg.neo4j.admin_files import AdminFiles
from kg.settings import StoreSettings
from miko.cli import app
from schema.graph import Batch, HasIntention
from schema.nodes import Intention, Post
from schema.relations import Relation

ROWS = 30_000


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.stdout, result.stderr


def no_room(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_copy_says_what_it_did(graph: str) -> None:
    code, said, _ = run("copy", graph, "sqlite:///copy.db")

    assert code == 0
    assert "3 Post" in said
    assert "4 embeddings" in said
    assert run("copy", graph, "sqlite:///copy.db")[1] == (
        "Added or changed: nothing; 0 embeddings\n"
    )


def test_copy_prints_json(graph: str) -> None:
    _, said, _ = run("copy", graph, "sqlite:///copy.db", "--json")

    told = json.loads(said)
    assert (told["written"]["Post"], told["embedded"]) == (3, 4)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("sqlite:///gone.db", "sqlite:///copy.db", "there is no graph at sqlite:///gone.db"),
        ("sqlite:///x.db", "sqlite:///../{folder}/x.db", "are one graph"),
        ("bolt://127.0.0.1:9", "bolt://127.0.0.1:9/", "are one graph"),
        ("redis://x", "sqlite:///copy.db", "no store is known"),
    ],
)
def test_copy_refuses_what_it_cannot(folder: Path, source: str, target: str, said: str) -> None:
    code, _, told = run("copy", source, target.format(folder=folder.name))

    assert code == 1
    assert said in told
    assert not Path("copy.db").exists()


def test_a_copy_that_was_killed_goes_on(folder: Path) -> None:
    anyio.run(fill, "sqlite:///source.db")
    command = [sys.executable, "-m", "miko", "copy", "sqlite:///source.db", "sqlite:///copy.db"]
    with subprocess.Popen(command, cwd=folder, env={"PYTHONPATH": ":".join(sys.path)}) as killed:
        anyio.run(until_pages_are_written, "sqlite:///copy.db")
        killed.send_signal(signal.SIGKILL)
    assert anyio.run(marks_of, "sqlite:///copy.db")[1] > 0

    code, *_ = run("copy", "sqlite:///source.db", "sqlite:///copy.db")

    assert code == 0
    assert anyio.run(files_of, "sqlite:///copy.db") == anyio.run(files_of, "sqlite:///source.db")
    assert anyio.run(marks_of, "sqlite:///copy.db") == (0, 0)


async def fill(url: str) -> None:
    intentions = [Intention.of(Relation.OPEN, f"reason {n}") for n in range(ROWS)]
    posts = [Post(f"s:{n}", f"post {n}", "s") for n in range(ROWS)]
    held = [HasIntention(p.id, i.id, i.text) for p, i in zip(posts, intentions, strict=True)]
    async with connect(StoreSettings(url=url)) as store:
        await store.put(Batch(tuple(posts), tuple(intentions), has_intention=tuple(held)))


async def until_pages_are_written(url: str) -> None:
    with anyio.fail_after(60):
        while not await anyio.Path(url.removeprefix("sqlite:///")).exists():  # noqa: ASYNC110
            await anyio.sleep(0.05)
        async with connect(StoreSettings(url=url)) as store:
            while await store.mark(PAGES) < 3:  # noqa: ASYNC110 of another process
                await anyio.sleep(0.01)


async def files_of(url: str) -> dict[str, bytes]:
    async with connect(StoreSettings(url=url)) as store:
        return await exported(store, Path("files"))


async def marks_of(url: str) -> tuple[int, int]:
    async with connect(StoreSettings(url=url)) as store:
        return await store.mark(SOURCE), await store.mark(PAGES)


def test_export_says_what_is_next(graph: str) -> None:
    code, said, _ = run("export", "out", "--format", "neo4j-admin", "--store", graph)

    assert code == 0
    assert "3 Post\n" in said
    assert "cd out && neo4j-admin database import full neo4j @arguments" in said
    assert "miko setup" in said
    assert {path.name for path in Path("out").iterdir()} == set(admin_tables.names())


def test_export_prints_json(graph: str) -> None:
    _, said, _ = run("export", "out", "--store", graph, "--json")

    told = json.loads(said)
    assert (told["folder"], told["rows"]["Post"], told["rows"]["JUDGED"]) == ("out", 3, 1)


def test_an_earlier_export_is_replaced(graph: str) -> None:
    run("export", "out", "--store", graph)
    (Path("out") / "Post.csv").write_text("old")
    Path("out.draft").mkdir()

    assert run("export", "out", "--store", graph)[0] == 0
    assert (Path("out") / "Post.csv").read_text() != "old"
    assert not Path("out.draft").exists()


def fail_to_rename_drafts(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "out.draft":
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)


def test_a_crash_before_the_new_export_is_in_place_leaves_the_old_one(
    graph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", "out", "--store", graph)
    (Path("out") / "Post.csv").write_text("old")
    rename = Path.rename
    fail_to_rename_drafts(monkeypatch, KeyboardInterrupt())
    run("export", "out", "--store", graph)
    assert (Path("out.old") / "Post.csv").read_text() == "old"

    monkeypatch.setattr(AdminFiles, "add", no_room)
    monkeypatch.setattr(Path, "rename", rename)
    run("export", "out", "--store", graph)

    assert (Path("out") / "Post.csv").read_text() == "old"
    assert [path.name for path in Path().iterdir()] == ["out"]


def test_a_rename_that_fails_puts_the_old_export_back(
    graph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", "out", "--store", graph)
    (Path("out") / "Post.csv").write_text("old")
    fail_to_rename_drafts(monkeypatch, OSError(errno.EBUSY, "Device or resource busy"))
    code, _, said = run("export", "out", "--store", graph)

    assert (code, "resource busy): name another" in said) == (1, True)
    assert (Path("out") / "Post.csv").read_text() == "old"
    assert [path.name for path in Path().iterdir()] == ["out"]


def test_the_folder_that_a_link_leads_to_is_replaced(graph: str) -> None:
    Path("disk").mkdir()
    Path("out").symlink_to("disk/exported")

    for _ in range(2):
        assert run("export", "out", "--store", graph)[0] == 0

    assert Path("out").is_symlink()
    assert [path.name for path in Path("disk").iterdir()] == ["exported"]


def test_a_disk_is_not_replaced(graph: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_mounted(self: Path) -> bool:
        return self.name == "out"

    monkeypatch.setattr(Path, "is_mount", is_mounted)

    code, _, said = run("export", "out", "--store", graph)

    assert code == 1
    assert "name a new folder in it" in said
    assert not list(Path().iterdir())


@pytest.mark.parametrize("name", ["out", "out.draft", "out.old"])
def test_a_folder_with_something_else_is_refused(graph: str, name: str) -> None:
    Path(name).mkdir()
    (Path(name) / "letter.txt").write_text("dear")

    code, _, said = run("export", "out", "--store", graph)

    assert code == 1
    assert "holds something else (letter.txt)" in said
    assert (Path(name) / "letter.txt").exists()


def test_a_file_is_no_folder(graph: str) -> None:
    Path("out").write_text("")

    assert "out is a file: name a folder" in run("export", "out", "--store", graph)[2]


def test_an_export_without_room_leaves_nothing(graph: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AdminFiles, "add", no_room)

    code, _, said = run("export", "out", "--store", graph)

    assert code == 1
    assert "there is no room for the files" in said
    assert not list(Path().iterdir())


def test_a_hashtag_that_would_be_parted_is_refused() -> None:
    odd = Post("s:1", "text", "s", hashtags=("a\x1fb",))
    anyio.run(put, "sqlite:///odd.db", Batch(posts=(odd,)))

    code, _, said = run("export", "out", "--store", "sqlite:///odd.db")

    assert code == 1
    assert "U+001F" in said
    assert not Path("out").exists()


async def put(url: str, batch: Batch) -> None:
    async with connect(StoreSettings(url=url)) as store:
        await store.put(batch)
