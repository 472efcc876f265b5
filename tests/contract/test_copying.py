"""Copying to each backend and back: the export is the same, byte for byte."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import numpy as np
import pytest
from contract.conftest import Backend
from contract.random_graphs import graphs
from contract.small_graph import AXES, BATCH, DOG_POST, MODEL, SHELTER, embed_intentions
from contract.test_same_answers import filled
from exports import ODD, exported, nothing
from hypothesis import HealthCheck, given, settings

from ingest import copy as copying
from ingest.copy import CopyReport, copy
from ingest.link import MARK, link
from kg import contents
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import EmbeddingModel, GraphStore
from schema.errors import EmbeddingModelError, InputError, StoreBusyError, TextConflictError
from schema.graph import Batch
from schema.nodes import Concept, Intention, NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def embedded(path: Path) -> AsyncGenerator[GraphStore]:
    async with connect(StoreSettings(url=f"sqlite:///{path}")) as store:
        yield store


@pytest.fixture
async def source(tmp_path: Path) -> AsyncGenerator[GraphStore]:
    """Return the small graph, its intentions embedded."""
    async with embedded(tmp_path / "source.db") as store:
        await store.put(BATCH)
        await embed_intentions(store)
        yield store


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (contents, copying):
        monkeypatch.setattr(module, "PAGE_ROWS", 2)


async def copied(source: GraphStore, target: GraphStore) -> CopyReport:
    return await copy(source, target, address="the source", progress=nothing)


async def there_and_back(source: GraphStore, store: GraphStore, folder: Path) -> None:
    """Check that what is copied to a store, and from there to a file, is what it was."""
    await copied(source, store)
    async with embedded(folder / "back.db") as back:
        await copied(store, back)
        before, after = await exported(source, folder / "one"), await exported(back, folder / "two")
        assert [name for name in before if before[name] != after[name]] == []
        assert before == await exported(store, folder / "three")


async def test_the_sample_comes_back_as_it_was(store: GraphStore, tmp_path: Path) -> None:
    async with embedded(tmp_path / "sample.db") as source:
        await filled(source, tmp_path)
        await source.put(ODD)

        await there_and_back(source, store, tmp_path)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batch=graphs)
def test_random_graphs_come_back_as_they_were(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory, batch: Batch
) -> None:
    async def check() -> None:
        folder = tmp_path_factory.mktemp("random")
        url = await backend.emptied(folder)
        async with (
            embedded(folder / "source.db") as source,
            connect(StoreSettings(url=url)) as store,
        ):
            await source.put(batch)
            await there_and_back(source, store, folder)

    anyio.run(check)


async def test_a_copy_again_changes_nothing(source: GraphStore, store: GraphStore) -> None:
    first = await copied(source, store)
    version = await store.version()

    second = await copied(source, store)

    assert (first.written.total, first.embedded) == (26, 4)
    assert (second.written.total, second.embedded) == (0, 0)
    assert await store.version() == version


async def test_a_copy_that_was_stopped_goes_on(
    source: GraphStore, store: GraphStore, small_pages: None, tmp_path: Path
) -> None:
    with anyio.CancelScope() as scope:
        await copy(
            source,
            store,
            address="the source",
            progress=lambda done, _: scope.cancel() if done == 8 else None,
        )
    assert scope.cancelled_caught
    before = await store.counts()

    report = await copied(source, store)

    assert 0 < before.nodes["Intention"] < len(BATCH.intentions)
    assert report.written.counts["Intention"] == len(BATCH.intentions) - before.nodes["Intention"]
    assert "Concept" not in report.written.counts
    assert await exported(store, tmp_path / "two") == await exported(source, tmp_path / "one")
    assert [await store.mark(m) for m in (copying.SOURCE, copying.PAGES)] == [0, 0]


async def test_a_stopped_copy_of_what_has_changed_since_begins_anew(
    source: GraphStore, store: GraphStore, small_pages: None, tmp_path: Path
) -> None:
    with anyio.CancelScope() as scope:
        await copy(source, store, address="the source", progress=lambda _, __: scope.cancel())
    await source.put(ODD)

    await copied(source, store)

    assert await exported(store, tmp_path / "two") == await exported(source, tmp_path / "one")


async def test_a_stopped_copy_of_what_was_built_anew_begins_anew(
    store: GraphStore, small_pages: None, tmp_path: Path
) -> None:
    first, anew = (Batch(concepts=(Concept.of(f"/c/en/{word}"),)) for word in ("old", "new"))
    async with embedded(tmp_path / "first.db") as source:
        await source.put(first)
        with anyio.CancelScope() as scope:
            await copy(source, store, address="the source", progress=lambda _, __: scope.cancel())

    async with embedded(tmp_path / "anew.db") as source:
        await source.put(anew)
        report = await copied(source, store)

    assert scope.cancelled_caught
    assert report.written.counts == {"Concept": 1}


async def test_a_source_that_is_written_to_meanwhile_is_told(
    source: GraphStore, store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = iter((1, 2))

    async def next_version() -> int:
        return next(versions)

    monkeypatch.setattr(source, "version", next_version)

    with pytest.raises(StoreBusyError, match="run this again"):
        await copied(source, store)


async def test_links_that_are_made_need_not_be_made_again(
    source: GraphStore, store: GraphStore
) -> None:
    await link(source)

    await copied(source, store)

    assert await store.mark(MARK) == await store.version()
    assert (await link(store)).total == 0


async def test_what_is_copied_to_a_graph_is_linked_by_its_next_load(
    source: GraphStore, store: GraphStore
) -> None:
    await link(source)
    await store.put(ODD)

    await copied(source, store)

    assert await store.mark(MARK) < await store.version()
    assert await store.counts() != await source.counts()


async def test_what_is_loaded_while_a_copy_is_stopped_is_linked_by_the_next_load(
    source: GraphStore, store: GraphStore, small_pages: None, tmp_path: Path
) -> None:
    await link(source)
    shelter = Intention.of(Relation.X_WANT, "walk to the shelter")
    with anyio.CancelScope() as scope:
        await copy(source, store, address="the source", progress=lambda _, __: scope.cancel())
    await store.put(Batch(intentions=(shelter,)))
    await link(store)

    await copied(source, store)
    await link(store)

    assert scope.cancelled_caught
    ((about,),) = await store.about_of([shelter.id])
    assert about.concept == SHELTER


async def test_another_model_is_refused_before_anything_is_written(
    source: GraphStore, store: GraphStore
) -> None:
    await store.require_model(EmbeddingModel("other", "1", 4))
    version = await store.version()

    with pytest.raises(EmbeddingModelError, match="axes"):
        await copied(source, store)

    assert (await store.version(), await store.count(NodeKind.POST)) == (version, 0)


async def test_another_text_of_a_post_is_told(source: GraphStore, store: GraphStore) -> None:
    await store.put(Batch(posts=(replace(DOG_POST, text="another"),)))

    with pytest.raises(TextConflictError, match=DOG_POST.id):
        await copied(source, store)


async def test_a_graph_is_not_copied_onto_itself(store: GraphStore) -> None:
    await store.put(BATCH)
    marks = (copying.SOURCE, copying.PAGES, copying.PROBE)
    for mark, number in zip(marks, (7, 5, 0), strict=True):
        await store.set_mark(mark, number)

    with pytest.raises(InputError, match="one graph"):
        await copied(store, store)

    assert [await store.mark(mark) for mark in marks] == [7, 5, 0]


async def test_graphs_of_one_name_are_copied(
    source: GraphStore, store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_name() -> str:
        return ""

    for one in (source, store):
        monkeypatch.setattr(one, "identity", no_name)

    assert (await copied(source, store)).written.total == 26


async def test_an_embedding_that_differs_takes_the_sources(
    source: GraphStore, store: GraphStore, tmp_path: Path
) -> None:
    await copied(source, store)
    ids = sorted(i.id for i in BATCH.intentions)
    await store.put_embeddings(NodeKind.INTENTION, ids, np.roll(AXES, 1, axis=0))

    report = await copied(source, store)

    assert report.embedded == len(ids)
    assert await store.model() == MODEL
    assert await exported(store, tmp_path / "two") == await exported(source, tmp_path / "one")
