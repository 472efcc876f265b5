"""A traversal is one statement, which is planned once; step by step, it keeps its time."""

import logging
import time
from collections.abc import Sized
from typing import Final, LiteralString, TypeVar

import pytest
from contract.small_graph import DOG, DOG_POST, HOME, PET

from kg.hops import Ends, Hops
from kg.neo4j.database import Address, Database, Row, Transaction, Work, open_database
from kg.neo4j.plans import PLANNING_S, STALE_S, Plans
from kg.neo4j.store import open_neo4j
from kg.neo4j.walk import traverse
from kg.neo4j.walk_ahead import parameters
from schema.graph import Filter, RelationshipType
from schema.nodes import NodeKind

T = TypeVar("T")
ENDLESS: Final[LiteralString] = "UNWIND range(1, 1000000000) AS x WITH x WHERE x < 0 RETURN x"
TIME_S: Final = 2.0
OF_PETS: Final = Filter(sources=("pets",))


class SlowTransaction(Transaction):
    """A transaction whose server never ends the second step out of some nodes."""

    steps = 0

    async def rows(self, query: LiteralString, /, **parameters: object) -> list[Row]:
        self.steps += "ids" in parameters
        return await super().rows(ENDLESS if self.steps > 1 else query, **parameters)


class SlowDatabase(Database):
    """A database of slow transactions."""

    async def read(self, work: Work[T]) -> T:
        return await super().read(
            lambda t: work(SlowTransaction(t._run, t.server)),  # pyright: ignore[reportPrivateUsage]
        )


def sizes(parameters: dict[str, object]) -> dict[str, int]:
    return {name: len(value) for name, value in parameters.items() if isinstance(value, Sized)}


def test_other_ids_types_and_relations_are_of_one_size() -> None:
    few = Hops(4, frozenset({RelationshipType.ABOUT}), frozenset({"IsA", "RelatedTo"}))

    assert sizes(parameters("pets:1", Hops(4))) == sizes(parameters("/c/en/a_long_concept", few))


@pytest.mark.anyio
@pytest.mark.parametrize(("where", "is_one"), [(Filter(), True), (OF_PETS, False)])
async def test_a_traversal_without_a_filter_is_one_statement(
    url: str, caplog: pytest.LogCaptureFixture, where: Filter, *, is_one: bool
) -> None:
    async with open_neo4j(Address(url), create=False) as store:
        with caplog.at_level(logging.DEBUG, "neo4j.io"):
            seen = await store.traverse(DOG_POST.id, Hops(3, timeout_s=60, where=where))

    statements = [said for said in caplog.messages if "C: RUN" in said]
    assert {HOME.id, DOG.id} < seen.hops.keys()
    assert (len(statements) == 1) == is_one


@pytest.mark.anyio
async def test_the_one_statement_chooses_the_ends_that_are_wanted(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    ends = Ends(NodeKind.CONCEPT, RelationshipType.RELATED)
    async with open_neo4j(Address(url), create=False) as store:
        with caplog.at_level(logging.DEBUG, "neo4j.io"):
            seen = await store.traverse(DOG_POST.id, Hops(2, frontier=1, timeout_s=60, ends=ends))

    assert seen.hops == {DOG_POST.id: 0, DOG.id: 1, PET.id: 2}
    assert len([said for said in caplog.messages if "C: RUN" in said]) == 1


@pytest.mark.anyio
async def test_a_statement_that_takes_too_long_ends_a_traversal_with_what_it_has(url: str) -> None:
    hops = Hops(3, timeout_s=TIME_S, where=OF_PETS)
    async with open_database(Address(url)) as database:
        plans = Plans()
        await traverse(database, DOG_POST.id, hops, plans)
        slow = SlowDatabase(database._driver, Address(url), database.server)  # pyright: ignore[reportPrivateUsage]
        began = time.monotonic()
        seen = await traverse(slow, DOG_POST.id, hops, plans)
        took_s = time.monotonic() - began

    assert took_s < 2 * TIME_S
    assert seen.hops == {DOG_POST.id: 0, HOME.id: 1}
    assert seen.cut == {"time"}


def test_statements_are_given_time_to_be_planned_and_later_to_be_planned_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans = Plans()
    first = plans.extra_s("form")
    early = plans.ran("form", in_time=False)
    second = plans.extra_s("form")
    later = time.monotonic() + STALE_S + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    quick, late = plans.ran("form", in_time=True), plans.ran("form", in_time=False)

    assert (first, second, plans.extra_s("form")) == (PLANNING_S, 0.0, PLANNING_S)
    assert (early, quick, late) == (False, False, True)


@pytest.mark.anyio
async def test_a_first_traversal_with_a_filter_has_time_to_be_planned(url: str) -> None:
    hops = Hops(3, timeout_s=0.05, where=OF_PETS)
    async with open_neo4j(Address(url), create=False) as store:
        seen = await store.traverse(DOG_POST.id, hops)

    assert {HOME.id, DOG.id} < seen.hops.keys()
    assert not seen.cut
