"""Question 15 over real posts: the subgraph behind an answer, and one post deleted everywhere.

Plain Python works out from the records what a subgraph is to hold, and what a deletion leaves.
"""

import hashlib
import json
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any

import pytest
from contract.conftest import Backend
from contract.real_posts import Row, real_records, write_records
from pydantic import SecretStr
from unit.api.conftest import client_of

from api.settings import ApiSettings
from ingest.load import load
from kg.connect import connect
from kg.receipt import delete_post
from kg.settings import StoreSettings
from kg.store import GraphStore
from kg.subgraph import Wanted, subgraph
from schema.nodes import Intention, NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

POSTS = 150
TOKEN = "0123456789abcdef"  # noqa: S105 of no server
CONCEPTNET = "conceptnet/assertions-conceptnet5-format.csv"
SUBGRAPH = """
query ($ids: [ID!]!) {
  subgraph(ids: $ids) {
    format graph version created sha256 sizeBytes lines
    counts { name count } licences { of source licence attribution count } morePostsOf morePass
  }
}
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def records(data: Path) -> list[Row]:
    """Return records of real posts, with the same run each."""
    run = {"model": "some-model", "revision": "7", "sampling": '{"temperature": 0.7}'}
    return [row | {"runs": {"infer": run}} for row in real_records(data)[:POSTS]]


async def filled(store: GraphStore, records: list[Row], data: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / "records.jsonl"
    write_records(path, records)
    report = await load(
        store, [path, data / CONCEPTNET], rejects=folder / "rejects", progress=lambda _, __: None
    )
    assert report.files[0].loaded == len(records)


@pytest.fixture(scope="module")
async def real(
    backend: Backend, records: list[Row], data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[GraphStore]:
    folder = tmp_path_factory.mktemp("real")
    async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
        await filled(store, records, data, folder)
        yield store


def said(record: Row) -> set[tuple[str, str]]:
    """Return what a record says: the relation and the normal text of each intention."""
    pairs = ((Relation(i["relation"]), i["text"]) for i in record["intentions"])
    return {(i.relation.value, i.text) for i in (Intention.of(*pair) for pair in pairs)}


def of_type(lines: Iterable[Row], name: str) -> list[Row]:
    return [line for line in lines if line.get("type") == name]


async def asked(store: GraphStore, query: str, **variables: Any) -> Any:
    """Ask as one who may write; return the whole response, as JSON of any type."""
    settings = ApiSettings(write_token=SecretStr(TOKEN))
    async with client_of(store, settings) as client:
        body = {"query": query, "variables": variables}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return (await client.post("/graphql", json=body, headers=headers)).json()


async def test_a_subgraph_holds_what_the_records_say_of_its_posts(
    real: GraphStore, records: list[Row]
) -> None:
    wanted = {row["id"]: row for row in records[::40]}

    answer = (await asked(real, SUBGRAPH, ids=list(wanted)))["data"]["subgraph"]

    manifest, *lines = map(json.loads, answer["lines"].splitlines())
    texts = {line["id"]: (line["relation"], line["text"]) for line in of_type(lines, "Intention")}
    posts = {line["id"]: line for line in of_type(lines, "Post")}
    assert posts.keys() == wanted.keys()
    (run,) = of_type(lines, "Run")
    assert (run["model"], run["revision"], run["step"]) == ("some-model", "7", "infer")
    for post_id, line in posts.items():
        record = wanted[post_id]
        assert line["text"] == record["text"]
        assert line["labels"] == record["labels"]
        assert line["licence"] is None
        assert {texts[h["intention"]] for h in line["has_intention"]} == said(record)
        assert {h["run"] for h in line["has_intention"]} == {run["id"]}
    whole = answer["lines"].encode().partition(b"\n")[2]
    assert manifest["sha256"] == answer["sha256"] == hashlib.sha256(whole).hexdigest()
    assert answer["sizeBytes"] == len(whole)
    assert manifest["version"] == answer["version"] == await real.version()
    assert manifest["asked"]["ids"] == list(wanted)
    counts = {one["name"]: one["count"] for one in answer["counts"]}
    shown = Counter(line["type"] for line in lines)
    assert {name: counts[name] for name in shown} == shown
    assert counts["HAS_INTENTION"] == sum(len(said(row)) for row in wanted.values())
    unknown = [one for one in answer["licences"] if one["of"] == "Post"]
    assert sum(one["count"] for one in unknown) == len(wanted)
    assert {one["licence"] for one in unknown} == {None}


async def test_commonsense_comes_with_its_licence_and_whom_to_name(real: GraphStore) -> None:
    ids = (await real.ids(NodeKind.CONCEPT, limit=10_000)).ids
    related = [one for own in await real.related_of(ids) for one in own]
    ends = {end for one in related[:100] for end in (one.head_id, one.tail_id)}

    found = await subgraph(real, Wanted(tuple(sorted(ends))))

    lines = of_type(map(json.loads, found.content.splitlines()), "RELATED")
    expected = {
        (r.head_id, r.relation, r.tail_id) for r in related if {r.head_id, r.tail_id} <= ends
    }
    assert {(line["head"], line["relation"], line["tail"]) for line in lines} == expected
    licences = Counter(one.licence for one in related if {one.head_id, one.tail_id} <= ends)
    told = {one.licence: one for one in found.licences if one.of == "RELATED"}
    assert {licence: one.count for licence, one in told.items()} == licences
    assert all("ConceptNet 5" in (one.attribution or "") for one in told.values())


async def test_a_subgraph_is_loaded_again_with_the_same_answers(
    real: GraphStore, records: list[Row], tmp_path: Path
) -> None:
    posts = [row["id"] for row in records[:60:3]]
    intentions = (await real.ids(NodeKind.INTENTION, limit=30)).ids
    concepts = (await real.ids(NodeKind.CONCEPT, limit=30)).ids
    wanted = Wanted((*posts, *intentions, *concepts), posts=3)
    found = await subgraph(real, wanted)
    path = tmp_path / "subgraph.jsonl"
    path.write_bytes(found.lines)

    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/other.db")) as other:
        report = await load(
            other, [path], rejects=tmp_path / "rejects", progress=lambda _, __: None
        )

        assert (report.files[0].format, report.rejected) == ("subgraph", 0)
        again = await subgraph(other, wanted)
        assert again.content == found.content
        assert again.counts == found.counts
        assert await other.posts(posts) == await real.posts(posts)
        assert await other.intentions_of(posts) == await real.intentions_of(posts)
        assert await other.mentions_of(posts) == await real.mentions_of(posts)
        assert await other.about_of(intentions) == await real.about_of(intentions)


async def test_every_store_gives_the_same_bytes(
    real: GraphStore, records: list[Row], data: Path, tmp_path: Path
) -> None:
    wanted = Wanted((*(row["id"] for row in records[5:25]), "/c/en/person"), posts=2)
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/twin.db")) as twin:
        await filled(twin, records, data, tmp_path / "files")

        assert (await subgraph(real, wanted)).content == (await subgraph(twin, wanted)).content


async def test_deleted_posts_leave_what_the_other_records_say(
    backend: Backend, records: list[Row], data: Path, tmp_path: Path
) -> None:
    some, rest = records[:40], [row for n, row in enumerate(records[:40]) if n % 5]
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/never.db")) as never:
        await filled(never, rest, data, tmp_path / "never")
        rest_ids = [row["id"] for row in rest]
        expected = (await subgraph(never, Wanted(tuple(rest_ids)))).content
        counted, posts = await never.counts(), await never.posts(rest_ids)
    async with connect(StoreSettings(url=await backend.emptied(tmp_path))) as store:
        await filled(store, some, data, tmp_path / "all")
        gone = some[::5]
        for row in gone:
            whole = await subgraph(store, Wanted((row["id"],)))
            (line,) = of_type(map(json.loads, whole.content.splitlines()), "Post")
            others = [other for other in some if other is not row]
            alone = said(row) - {pair for other in others for pair in said(other)}
            some = others

            receipt = await delete_post(store, row["id"])

            removed = {one.name: one.count for one in receipt.removed}
            assert removed.get("Intention", 0) == len(alone)
            assert removed["HAS_INTENTION"] == len(said(row))
            assert removed["MENTIONS"] == len(line["mentions"])
            assert receipt.is_verified
            (written,) = [one for one in whole.content.splitlines() if b'"type":"Post"' in one]
            assert receipt.sha256 == hashlib.sha256(written).hexdigest()

        # Concepts that only links of the rest name stay; those links are the rest's own words.
        left = await store.counts()
        assert await store.posts(rest_ids) == posts
        assert left.nodes["Post"] == counted.nodes["Post"]
        assert left.nodes["Intention"] == counted.nodes["Intention"]
        assert left.nodes["Run"] == counted.nodes["Run"]
        same = ("HAS_INTENTION", "MENTIONS", "RELATED")
        assert {t: left.relationships[t] for t in same} == {
            t: counted.relationships[t] for t in same
        }
        assert without_links((await subgraph(store, Wanted(tuple(rest_ids)))).content) == (
            without_links(expected)
        )
        assert (await store.posts([row["id"] for row in gone])) == [None] * len(gone)


def without_links(content: bytes) -> list[Row]:
    """Return posts and intentions of a subgraph, but for the concepts that intentions are about."""
    lines = [json.loads(line) for line in content.splitlines()]
    return [
        line | {"about": None} for line in (*of_type(lines, "Post"), *of_type(lines, "Intention"))
    ]
