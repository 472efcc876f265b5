"""The real triples, loaded into each backend and into the embedded store: the same answers."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from contract.conftest import Backend
from contract.test_same_answers import asked, beside_the_embedded

from kg.store import GraphStore
from schema.facets import COUNTED, Facet
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

FOLDERS = ("miko-working/generation", "miko-working/benchmark")
TRIPLES = 22_000
"""Pairs at least: of the 22,876 that the files make, some differ by a full stop."""

FILTERS = [
    EVERYTHING,
    Filter(relations=(Relation.X_WANT, Relation.O_REACT)),
    Filter(choices=("accepted",)),
    Filter(none_of=(Filter(choices=("rejected",)),), relations=(Relation.O_REACT,)),
]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def both(
    backend: Backend, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[GraphStore, GraphStore]]:
    files = [file for name in FOLDERS for file in sorted((data / name).rglob("*.json*"))]
    async with beside_the_embedded(backend, tmp_path_factory, files) as stores:
        yield stores


async def test_all_of_them_are_there(both: tuple[GraphStore, GraphStore]) -> None:
    one, two = [await store.counts() for store in both]

    assert one == two
    assert one.relationships["HAS_INTENTION"] > TRIPLES


@pytest.mark.parametrize("where", FILTERS)
async def test_each_question_has_the_same_answer(
    both: tuple[GraphStore, GraphStore], where: Filter
) -> None:
    one, two = [await asked(store, where, "/c/en/joy") for store in both]

    assert [name for name in one if one[name] != two[name]] == []


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("kind", COUNTED)
async def test_each_facet_has_the_same_counts(
    both: tuple[GraphStore, GraphStore], kind: NodeKind, where: Filter
) -> None:
    one, two = both

    unlike = [
        by for by in Facet if await one.facet(kind, by, where) != await two.facet(kind, by, where)
    ]

    assert unlike == []


@pytest.mark.parametrize("where", FILTERS)
async def test_the_same_posts_diverge(both: tuple[GraphStore, GraphStore], where: Filter) -> None:
    feelings = (Relation.X_REACT, Relation.O_REACT)

    one, two = [await store.divergent(feelings, 50, where) for store in both]

    assert one == two
