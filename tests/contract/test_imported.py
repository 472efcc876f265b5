"""What Neo4j's import tool makes of an export is the graph: contract tests that only read pass."""

import inspect
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import neo4j
import pytest
from contract import test_reading, test_searching, test_traversing
from contract.small_graph import BATCH, DOG_POST, embed_intentions
from contract.test_same_answers import FILTERS, asked, filled
from exports import ODD, exported, nothing
from neo4j_servers import VERSIONS, cannot_start, small

from ingest.copy import copy
from kg.connect import connect
from kg.hops import Hops
from kg.neo4j.launch import run_import
from kg.neo4j.server import running_server
from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.errors import ServerStartError

pytestmark = pytest.mark.anyio

Check = Callable[..., Awaitable[None]]


WRITES = re.compile(r"\bgraph\.(put|put_embeddings|reindex)\(")
CHANGES_NOTHING = test_searching.test_the_same_embeddings_change_nothing


def only_reads(check: Check) -> bool:
    """Whether a test asks the small graph, and writes nothing of its own."""
    asks_for = inspect.signature(check).parameters.keys()
    if "graph" not in asks_for or "monkeypatch" in asks_for:
        return False
    return check is CHANGES_NOTHING or not WRITES.search(inspect.getsource(check))


def with_values(check: Check) -> list[Any]:
    """Return a test with each of the values that it is parametrized by."""
    marks = getattr(check, "pytestmark", [])
    values: list[Any] = next((m.args[1] for m in marks if m.name == "parametrize"), [()])
    calls: list[Any] = [own if type(own) is tuple else (own,) for own in values]
    return [pytest.param(check, own, id=f"{check.__name__}-{n}") for n, own in enumerate(calls)]


CHECKS = [
    case
    for module in (test_reading, test_searching, test_traversing)
    for name, check in inspect.getmembers(module, inspect.isfunction)
    if name.startswith("test_") and only_reads(check)
    for case in with_values(check)
]
"""Every contract test of reading, searching and traversing that writes nothing of its own."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def opened(
    version: str, folder: Path, fill: Callable[[GraphStore], Awaitable[object]]
) -> AsyncGenerator[tuple[GraphStore, GraphStore, str]]:
    """Fill an embedded graph, export and import it; give both, and the address of the import."""
    async with connect(StoreSettings(url=f"sqlite:///{folder}/graph.db")) as source:
        await fill(source)
        await source.refresh()
        await exported(source, folder / "export")
        try:
            run_import(small(version), folder / "home", folder / "export")
            async with (
                running_server(small(version), folder / "home") as server,
                connect(StoreSettings(url=server.url)) as store,
            ):
                await store.refresh()
                yield source, store, server.url
        except ServerStartError as error:
            cannot_start(error)


@pytest.fixture(scope="module", params=VERSIONS)
async def small_import(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[GraphStore, GraphStore, str]]:
    async def fill(store: GraphStore) -> None:
        await store.put(BATCH)
        await embed_intentions(store)

    folder = tmp_path_factory.mktemp("small")
    async for source, store, url in opened(request.param, folder, fill):
        # On a busy machine, a new server takes longer to plan these than a traversal's limit.
        for most in (1, 2, 3):
            await store.traverse(DOG_POST.id, Hops(most, timeout_s=60.0))
        yield source, store, url


@pytest.fixture(scope="module", params=VERSIONS)
async def sample_import(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[GraphStore, GraphStore, str]]:
    folder = tmp_path_factory.mktemp("sample")

    async def fill(store: GraphStore) -> None:
        await filled(store, folder)
        await store.put(ODD)

    async for found in opened(request.param, folder, fill):
        yield found


@pytest.mark.parametrize(("check", "values"), CHECKS)
async def test_the_contract_is_kept(
    small_import: tuple[GraphStore, GraphStore, str], check: Check, values: tuple[Any, ...]
) -> None:
    _, store, _ = small_import

    await check(store, *values)


async def test_questions_of_the_sample_have_the_same_answers(
    sample_import: tuple[GraphStore, GraphStore, str],
) -> None:
    one, two, _ = sample_import

    for where in FILTERS:
        assert await asked(one, where) == await asked(two, where)
    assert await one.counts() == await two.counts()


async def test_an_import_is_exported_as_it_was(
    sample_import: tuple[GraphStore, GraphStore, str], tmp_path: Path
) -> None:
    one, two, _ = sample_import

    assert await exported(two, tmp_path / "two") == await exported(one, tmp_path / "one")


async def test_an_import_holds_the_properties_that_the_store_writes(
    sample_import: tuple[GraphStore, GraphStore, str], tmp_path: Path
) -> None:
    source, _, url = sample_import
    imported = await everything(url)

    await emptied(url)
    async with connect(StoreSettings(url=url)) as store:
        await copy(source, store, address="one", progress=nothing)
    written = await everything(url)

    assert imported == written


async def everything(url: str) -> list[tuple[Any, ...]]:
    """Return labels, types and properties, but those that depend on the order of writing."""
    async with neo4j.AsyncGraphDatabase.driver(url) as driver:  # pyright: ignore[reportUnknownMemberType]
        nodes = await driver.execute_query(
            "MATCH (n) WHERE NOT n:Graph RETURN labels(n), properties(n)"
        )
        ends = await driver.execute_query(
            "MATCH (s)-[r]->(e) RETURN s.id, type(r), e.id, properties(r)"
        )
    rows = [(sorted(row[0]), _compared(row[1])) for row in nodes.records]
    return sorted([*rows, *(tuple(row.values()) for row in ends.records)], key=repr)


def _compared(properties: dict[str, Any]) -> list[tuple[str, Any]]:
    """An empty array is no property after an import."""
    return sorted(
        (name, value)
        for name, value in properties.items()
        if name != "created" and value not in ([], [""])
    )


async def emptied(url: str) -> None:
    async with neo4j.AsyncGraphDatabase.driver(url) as driver:  # pyright: ignore[reportUnknownMemberType]
        await driver.execute_query("MATCH (n) DETACH DELETE n")
