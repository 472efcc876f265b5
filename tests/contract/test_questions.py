"""The questions of users, asked of the API over real records: each answer as plain Python has it.

Plain Python reads the real files itself (unit.ingest.plain_counts).
"""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from contract.conftest import Backend
from unit.api.conftest import asking, client_of
from unit.ingest.plain_counts import (
    NUMBERED,
    RELATIONS,
    annotated,
    json_lines,
    labelled_post,
    plain,
    post_of,
)

from ingest.load import load
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore

pytestmark = pytest.mark.anyio

BENCHMARK = "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
POSTS = """
query ($where: Where!, $after: String) {
  posts(where: $where, first: 100, after: $after) {
    totalCount edges { node { key } } pageInfo { hasNextPage endCursor }
  }
}
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def real(
    backend: Backend, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[GraphStore]:
    """Load the benchmark and the annotation."""
    folder = tmp_path_factory.mktemp("real")
    files = [data / BENCHMARK, *sorted((data / "miko-working/annotation").glob("*.json.gz"))]
    async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
        await load(store, files, rejects=folder / "rejects", progress=lambda _, __: None)
        yield store


async def posts(store: GraphStore, **where: Any) -> set[str]:
    """Return the posts that pass, from all pages; no post is on two, and the total is right."""
    found: list[str] = []
    async with client_of(store) as client:
        ask, after = asking(client), None
        while True:
            page = (await ask(POSTS, where=where, after=after))["data"]["posts"]
            found += [edge["node"]["key"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
    assert len(found) == len(set(found)) == page["totalCount"]
    return set(found)


# Question 11: only intentions that humans accepted, or by annotator.


@pytest.mark.parametrize("relation", ["xWant", "oReact", "open"])
@pytest.mark.parametrize("accepted", [True, False])
async def test_posts_by_what_the_release_says_of_an_intention(
    real: GraphStore, data: Path, relation: str, accepted: bool
) -> None:
    place = RELATIONS.index(relation)
    judged: dict[tuple[str, str], bool] = {}  # what one row accepts is accepted
    for row in json_lines(data / BENCHMARK):
        said = plain(row["intentions"].get(f"Intention {place + 1}", "because"))
        if not said.endswith("because"):
            key = labelled_post(row), said
            judged[key] = judged.get(key, False) or bool(row["intention_labels"][place])
    expected = {post for (post, _), is_accepted in judged.items() if is_accepted is accepted}

    choice = "accepted" if accepted else "rejected"
    found = await posts(real, relations=[relation], annotators=["miko-release"], choices=[choice])

    assert len(expected) > 10
    assert found == expected


async def test_posts_that_one_expert_called_very_relevant(real: GraphStore, data: Path) -> None:
    rows = annotated(data)
    project = rows[0]["project"]
    expected = {
        post_of(row["data"]["image"], "miko")
        for row in rows
        if row["project"] == project
        for number, sentence in NUMBERED.findall(row["data"]["text"])
        if number in {"3", "5"} and not sentence.endswith("because")  # xAttr, xReact
        for result in row["annotations"][0]["result"]
        if result["from_name"] == f"reasonableness{number}"
        if result["value"]["choices"] == ["非常相关"]
    }

    found = await posts(
        real,
        relations=["xAttr", "xReact"],
        annotators=[f"label-studio project {project}"],
        choices=["very relevant"],
    )

    assert len(expected) > 10
    assert found == expected


async def test_posts_by_model_and_plausibility(real: GraphStore, data: Path) -> None:
    accepted = {
        labelled_post(row) for row in json_lines(data / BENCHMARK) if any(row["intention_labels"])
    }

    assert await posts(real, plausibility=0.5) == accepted
    assert await posts(real, plausibility=0.5, models=["nobody"]) == set()
