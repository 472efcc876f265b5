"""Loading: nothing lost, nothing doubled, whatever the order and whatever is malformed."""

import gzip
import json
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from unit.ingest.written import (
    CSKG_HEADER,
    FRAMED,
    KEY_INFORMATION,
    conceptnet,
    cskg,
    generation,
    label_studio,
    numbered_lines,
    record,
    release,
    written,
)

from ingest import load as loading
from ingest.load import LoadOptions, LoadReport, load
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import Counts, GraphStore
from schema.errors import FormatError, InputError
from schema.graph import Written
from schema.nodes import Intention
from schema.relations import Relation

pytestmark = pytest.mark.anyio

WANT = Intention.of(Relation.X_WANT, "find a home for rex")
PROMOTE = Intention.of(Relation.X_INTENT, "promote the shelter")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return one small file in each format."""
    rows = {
        "record.jsonl": [record(intentions=[{"relation": "xWant", "text": "walk the dog"}])],
        "release.json": [f"[{release()},", f"{release(image='13.jpg', intentions={})}]"],
        "generation.jsonl": [
            generation(keyinfo=KEY_INFORMATION, intention=numbered_lines("Intention{}: ", FRAMED))
        ],
        "annotation.json": [f"[{label_studio('非常相关')}]"],
        "atomic.tsv": ["PersonX adopts a dog\txNeed\tto visit the shelter"],
        "conceptnet.csv": [conceptnet('{"weight": 2.0}')],
        "cn100k.txt": ["UsedFor\tleash\twalk the dog"],
        "cskg.tsv": [CSKG_HEADER, cskg("1.0")],
    }
    return [written(tmp_path / name, *lines) for name, lines in rows.items()]


async def loaded(store: GraphStore, *paths: Path) -> LoadReport:
    rejects = paths[0].parent / "rejects.jsonl"
    return await load(store, paths, rejects=rejects, progress=lambda _done, _total: None)


async def graph_of(address: Path, *orders: Sequence[Path]) -> tuple[Counts, list[str]]:
    """Return counts and links of a graph that was loaded file by file, in these steps."""
    async with connect(StoreSettings(url=f"sqlite:///{address}")) as store:
        for paths in orders:
            await loaded(store, *paths)
        about = (await store.about_of([PROMOTE.id]))[0]
        return await store.counts(), [link.concept.id for link in about]


async def test_each_format_is_loaded_into_one_graph(store: GraphStore, files: list[Path]) -> None:
    report = await loaded(store, *files)

    counts = await store.counts()
    assert [file.loaded for file in report.files] == [1, 2, 1, 1, 1, 1, 1, 1]
    assert report.rejected == 0
    assert counts.posts_by_source == {"miko": 2, "pets": 1, "twitter2015": 1}
    assert counts.related_by_source == {"atomic": 1, "cn100k": 1, "conceptnet": 1, "cskg:CN": 1}
    assert counts.nodes["Intention"] == 11
    assert counts.judgements == 11


async def test_loading_twice_equals_loading_once(store: GraphStore, files: list[Path]) -> None:
    await loaded(store, *files)
    before = (await store.version(), await store.counts())

    again = await loaded(store, *files)

    assert again.written == Written()
    assert (await store.version(), await store.counts()) == before


async def test_the_order_of_files_is_free(tmp_path: Path, files: list[Path]) -> None:
    at_once = await graph_of(tmp_path / "a.db", files)
    backwards = await graph_of(tmp_path / "b.db", files[::-1])
    one_by_one = await graph_of(tmp_path / "c.db", *[[file] for file in files])

    assert at_once == backwards == one_by_one
    assert at_once[1] == ["/c/en/shelter"]


async def test_a_load_that_was_killed_is_finished_by_the_next(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await graph_of(tmp_path / "a.db", files)

    async def killed(_store: GraphStore) -> Written:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(loading, "link", killed)
        with pytest.raises(KeyboardInterrupt):
            await graph_of(tmp_path / "b.db", files[4:], files)

    assert await graph_of(tmp_path / "b.db", files) == whole


async def test_later_concepts_link_earlier_intentions(store: GraphStore, files: list[Path]) -> None:
    await loaded(store, files[1])
    before = await store.about_of([WANT.id])

    await loaded(store, written(files[0].parent / "more.txt", "IsA\thome\tplace"))

    assert before == [[]]
    assert [link.concept.id for link in (await store.about_of([WANT.id]))[0]] == ["/c/en/home"]


async def test_malformed_rows_are_set_aside_without_their_text(
    store: GraphStore, tmp_path: Path
) -> None:
    file = written(tmp_path / "posts.jsonl", record(), "{", record(id="pets:2", text="a\x00b"))

    report = await loaded(store, file)

    rejects = tmp_path / "rejects.jsonl"
    notes = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert (report.files[0].loaded, report.rejected) == (1, 2)
    assert [(n["file"], n["line"], n["field"]) for n in notes] == [
        (str(file), 2, ""),
        (str(file), 3, "text"),
    ]
    assert notes[1]["reason"] == "holds a NUL character"
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600


async def test_a_file_name_that_is_no_text_can_be_noted(store: GraphStore, tmp_path: Path) -> None:
    await loaded(store, written(tmp_path / "caf\udce9.jsonl", record(), "{"))

    note = json.loads((tmp_path / "rejects.jsonl").read_text())
    assert (note["file"], note["line"]) == (str(tmp_path / "caf?.jsonl"), 2)


async def test_the_reject_file_speaks_of_the_last_load(store: GraphStore, tmp_path: Path) -> None:
    await loaded(store, written(tmp_path / "posts.jsonl", record(), "{"))

    await loaded(store, written(tmp_path / "posts.jsonl", record()))

    assert not (tmp_path / "rejects.jsonl").exists()


async def test_an_id_with_another_text_is_rejected(store: GraphStore, tmp_path: Path) -> None:
    first = written(tmp_path / "first.jsonl", record(), record(text="Meet Tom"))
    second = written(tmp_path / "second.jsonl", record(text="Meet  Rex "), record(text="Meet Kit"))

    report = await loaded(store, first, second)

    notes = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert [file.loaded for file in report.files] == [1, 1]
    assert [(n["line"], n["field"], n["reason"]) for n in notes] == [
        (2, "id", "is taken by a post with another text")
    ] * 2
    assert [post and post.text for post in await store.posts(["pets:1"])] == ["Meet Rex"]


async def test_a_cut_off_file_gives_what_comes_before(store: GraphStore, tmp_path: Path) -> None:
    lines = "".join(f"{record(id=f'pets:{number}')}\n" for number in range(20_000))
    file = tmp_path / "posts.jsonl.gz"
    file.write_bytes(gzip.compress(lines.encode())[:-20])

    report = await loaded(store, file)

    assert report.rejected == 1
    assert report.files[0].loaded == (await store.counts()).nodes["Post"] > 10_000


async def test_what_cannot_be_read_is_told_before_anything_is_loaded(
    store: GraphStore, tmp_path: Path, files: list[Path]
) -> None:
    gone = tmp_path / "gone.jsonl"

    with pytest.raises(FormatError, match=r"gone\.jsonl cannot be read"):
        await loaded(store, *files, gone)
    with pytest.raises(FormatError, match=r"gone\.jsonl cannot be read"):
        await load(
            store,
            [files[0], gone],
            rejects=tmp_path / "rejects.jsonl",
            options=LoadOptions("record"),
            progress=lambda _done, _total: None,
        )

    assert await store.version() == 0


async def test_the_reject_file_is_never_one_that_is_loaded(
    store: GraphStore, files: list[Path]
) -> None:
    with pytest.raises(InputError, match="is to be loaded: name another reject file"):
        await load(store, files, rejects=files[0], progress=lambda _done, _total: None)

    assert files[0].exists()


async def test_a_reject_file_that_cannot_be_written_is_named(
    store: GraphStore, tmp_path: Path
) -> None:
    file = written(tmp_path / "posts.jsonl", record(), "{")

    with pytest.raises(InputError, match=r"the reject file .*gone.rejects\.jsonl cannot be"):
        await load(
            store, [file], rejects=tmp_path / "gone/rejects.jsonl", progress=lambda _d, _t: None
        )


async def test_a_deleted_post_is_set_aside_until_it_is_allowed(
    store: GraphStore, tmp_path: Path
) -> None:
    path = written(tmp_path / "two.jsonl", record(id="pets:1"), record(id="pets:2"))
    rejects = tmp_path / "rejects.jsonl"
    await loaded(store, path)
    deletion = await store.delete_post("pets:1")

    again = await loaded(store, path)

    assert (again.files[0].loaded, again.files[0].rejected) == (1, 1)
    (note,) = map(json.loads, rejects.read_text("utf-8").splitlines())
    assert (note["line"], note["field"]) == (1, "id")
    assert deletion.time in note["reason"]
    assert "--allow-deleted" in note["reason"]
    assert await store.posts(["pets:1"]) == [None]
    allowed = await load(
        store,
        [path],
        rejects=rejects,
        options=LoadOptions(allow_deleted=True),
        progress=lambda _done, _total: None,
    )
    assert allowed.rejected == 0
    assert (await loaded(store, path)).rejected == 0
    assert [post is not None for post in await store.posts(["pets:1", "pets:2"])] == [True, True]
