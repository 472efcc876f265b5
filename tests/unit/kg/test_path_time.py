"""Ranking paths: beside the event loop, within its time, and never without what was seen."""

import threading
import time
from collections.abc import Iterator
from typing import Final, cast

import anyio
import pytest

from kg.hops import Hops, Step, Subgraph
from kg.store import GraphStore
from kg.traversal import paths
from schema.graph import RelationshipType

pytestmark = pytest.mark.anyio

NODES: Final = [f"/c/en/node_{n:03}" for n in range(200)]
START, END, *_ = NODES


class Watched(tuple[Step, ...]):
    """Steps that note in which thread they are gone through."""

    __slots__ = ()
    threads: Final[set[int]] = set()

    def __iter__(self) -> Iterator[Step]:
        """Go through them."""
        self.threads.add(threading.get_ident())
        return super().__iter__()


def step(start_id: str, end_id: str) -> Step:
    return Step(start_id, RelationshipType.RELATED, end_id, True, "IsA", 0.5)


EVERY_WAY: Final = {a: Watched(step(a, b) for b in NODES if a != b) for a in NODES}


class CrowdedStore:
    """A store in which each node leads to each, and whose traversals take all of their time."""

    async def traverse(self, start_id: str, hops: Hops) -> Subgraph:
        await anyio.sleep(hops.timeout_s)
        hop = {node: int(node != start_id) for node in NODES}
        return Subgraph(start_id, EVERY_WAY, hop, frozenset({"frontier"}))


class LateStore:
    """A store whose server plans for longer than there was time for, and answers in full."""

    async def traverse(self, start_id: str, hops: Hops) -> Subgraph:
        if not hops.timeout_s:
            return Subgraph(start_id, {}, {start_id: 0}, frozenset({"time"}))
        await anyio.sleep(hops.timeout_s + 0.1)
        end_id = START if start_id == END else END
        return Subgraph(start_id, {start_id: (step(start_id, end_id),)}, {start_id: 0, end_id: 1})


# They have the one method that paths are found by.
STORE: Final = cast("GraphStore", CrowdedStore())
LATE: Final = cast("GraphStore", LateStore())


@pytest.mark.parametrize("end_id", [END, None])
async def test_paths_are_ranked_beside_the_event_loop(end_id: str | None) -> None:
    Watched.threads.clear()

    await paths(STORE, START, end_id, Hops(2, timeout_s=0.1), limit=100)

    assert Watched.threads
    assert threading.get_ident() not in Watched.threads


@pytest.mark.parametrize("end_id", [END, None])
async def test_what_was_seen_in_time_is_found_and_the_rest_is_cut(end_id: str | None) -> None:
    started = time.monotonic()

    found = await paths(STORE, START, end_id, Hops(6, timeout_s=0.3), limit=100)

    assert time.monotonic() - started < 5
    assert (START, END) in {path.node_ids for path in found.paths}
    assert found.cut == {"frontier", "time"}


@pytest.mark.parametrize("end_id", [END, None])
async def test_what_a_store_found_late_is_ranked_all_the_same(end_id: str | None) -> None:
    found = await paths(LATE, START, end_id, Hops(2, timeout_s=1.0))

    assert [path.node_ids for path in found.paths] == [(START, END)]
    assert not found.cut
