"""What Neo4j's import tool makes of an export is the graph: contract tests that only read pass."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import neo4j
import pytest
from contract import test_reading, test_searching, test_traversing
from contract.small_graph import BATCH, DOG_POST, embed_intentions
from contract.test_same_answers import FILTERS, asked, filled
from exports import ODD, exported, nothing
from neo4j_servers import VERSIONS, cannot_start, import_files, small

from ingest.copy import copy
from kg.connect import connect
from kg.neo4j.server import running_server
from kg.settings import StoreSettings
from kg.store import GraphStore, Hops
from schema.errors import ServerStartError

pytestmark = pytest.mark.anyio

Check = Callable[..., Awaitable[None]]


def with_values(check: Check) -> list[Any]:
    """Return a test with each of the values that it is parametrized by."""
    (mark,) = [m for m in check.pytestmark if m.name == "parametrize"]  # pyright: ignore[reportFunctionMemberAccess]
    return [
        pytest.param(check, values, id=f"{check.__name__}-{n}")
        for n, values in enumerate(mark.args[1])
    ]


CHECKS = [
    *(
        pytest.param(check, (), id=check.__name__)
        for check in (
            test_reading.test_answers_come_in_the_order_asked_repeats_included,
            test_reading.test_a_held_intention_carries_its_relationship_and_judgements,
            test_reading.test_intentions_are_chosen_by_relation,
            test_reading.test_mentions_come_by_aspect,
            test_reading.test_links_come_by_falling_confidence,
            test_reading.test_posts_of_an_intention_pass_the_filter_as_pairs,
            test_reading.test_ids_come_in_pages_of_rising_id,
            test_reading.test_everything_is_counted,
            test_searching.test_the_nearest_come_by_falling_cosine,
            test_searching.test_similarity_spans_minus_one_to_one,
            test_searching.test_ties_come_by_rising_id_even_at_the_rim,
            test_searching.test_the_same_embeddings_change_nothing,
            test_searching.test_words_are_matched_by_their_stem_and_any_of_them,
            test_searching.test_a_post_is_found_by_its_image,
            test_traversing.test_a_neighborhood_holds_what_lies_within_its_hops,
            test_traversing.test_only_the_types_and_relations_asked_for_are_followed,
            test_traversing.test_the_fan_out_keeps_the_surest_and_says_that_it_cut,
            test_traversing.test_the_frontier_keeps_the_surest_and_says_that_it_cut,
            test_traversing.test_a_traversal_out_of_time_returns_what_it_has,
            test_traversing.test_paths_join_post_intention_concept_and_commonsense,
            test_traversing.test_without_an_end_the_best_path_to_each_node_of_a_kind_is_given,
            test_traversing.test_a_path_reads_as_a_sentence,
        )
    ),
    *with_values(test_reading.test_a_filter_selects_pairs_of_post_and_intention),
    *with_values(test_searching.test_a_filter_works_inside_each_search),
    *with_values(test_searching.test_a_query_is_text_and_nothing_else),
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
            import_files(version, folder / "home", folder / "export")
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
