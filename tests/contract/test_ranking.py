"""What ranked search promises above the store, on every backend."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from contract.small_graph import BATCH, DOG_POST, HOME, SHELTER, TRAIN_POST, embed_intentions

from kg.by_intention import posts_by_intention
from kg.fusion import Scheme
from kg.ranking import Slice, Window
from kg.search import search, similar
from kg.store import GraphStore, Match, Near
from schema.errors import StaleCursorError
from schema.graph import Batch, Filter, HasIntention
from schema.nodes import Intention, NodeKind, Post
from schema.relations import Relation
from schema.search import Mode

pytestmark = pytest.mark.anyio

KIND = NodeKind.INTENTION


@pytest.fixture
async def graph(store: GraphStore) -> GraphStore:
    await store.put(BATCH)
    await embed_intentions(store)
    return store


class BusyStore:
    """A store that another process writes to just before each ranking."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        """Return what the store has; it is of any type."""
        return getattr(self._store, name)

    async def nearest(self, *asked: Any) -> list[Near]:
        await self._write()
        return await self._store.nearest(*asked)

    async def match(self, *asked: Any) -> list[Match]:
        await self._write()
        return await self._store.match(*asked)

    async def _write(self) -> None:
        number = await self._store.version()
        await self._store.put(Batch(posts=(Post(f"late:{number}", "home again", "late"),)))


def busy(store: GraphStore) -> GraphStore:
    # The wrapper has the methods of whatever it wraps.
    return cast("GraphStore", BusyStore(store))


async def test_a_page_is_not_continued_where_a_write_came_before_its_ranking(
    graph: GraphStore,
) -> None:
    behind = Window(first=1, offset=1, version=await graph.version())
    wanted = Slice(KIND, window=behind)

    with pytest.raises(StaleCursorError):
        await search(busy(graph), None, "home amused", wanted, scheme=Scheme(Mode.TEXT))
    behind = replace(behind, version=await graph.version())
    with pytest.raises(StaleCursorError):
        await similar(busy(graph), HOME.id, window=behind)


async def test_a_first_page_that_a_write_overtook_is_never_continued(graph: GraphStore) -> None:
    page = await similar(busy(graph), HOME.id, window=Window(first=1))

    assert len(page.hits) == 1
    with pytest.raises(StaleCursorError):
        await similar(graph, HOME.id, window=Window(1, 1, page.version))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(concepts=(SHELTER.id,)), [(DOG_POST.id, HOME.id), (TRAIN_POST.id, HOME.id)]),
        (Filter(concepts=(SHELTER.id,), sources=("rail",)), [(TRAIN_POST.id, HOME.id)]),
    ],
)
async def test_the_evidence_of_a_listed_post_passes_the_filter_itself(
    graph: GraphStore, where: Filter, expected: Sequence[tuple[str, str]]
) -> None:
    others = [Intention.of(Relation.X_WANT, f"arrive {n}") for n in range(8)]
    held = [HasIntention(TRAIN_POST.id, i.id, i.text) for i in (*others, HOME)]
    await graph.put(Batch(intentions=tuple(others), has_intention=tuple(held)))

    page = await posts_by_intention(
        graph, None, None, where=replace(where, relations=(Relation.X_WANT,))
    )

    assert [(hit.post_id, hit.intention.id) for hit in page.hits] == expected
