"""The subgraph over GraphQL: what comes with what, bounds, and what is refused."""

import json
from typing import Any

import pytest
from contract.small_graph import AMUSED, CAKE_POST, DOG, DOG_POST, HOME, PET, TRAIN_POST, VISIT
from unit.api.conftest import Asking

from api.ids import global_id
from kg import subgraph_contents as subgraphs
from kg.store import GraphStore
from kg.subgraph import Wanted, subgraph
from schema import subgraph_lines as format_
from schema.errors import QueryError, StoreBusyError
from schema.graph import Filter
from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio

FIELDS = "lines morePostsOf morePass sha256 counts { name count }"


def ids(lines: str, name: str) -> list[str]:
    """Return the ids of the lines of a type, in their order."""
    rows = map(json.loads, lines.splitlines()[1:])
    return [row["id"] for row in rows if row["type"] == name]


async def asked(ask: Asking, arguments: str) -> Any:
    answer = await ask(f"{{ subgraph({arguments}) {{ {FIELDS} }} }}")
    assert "errors" not in answer
    return answer["data"]["subgraph"]


async def test_an_intention_brings_its_posts_with_what_they_share(ask: Asking) -> None:
    found = await asked(ask, f'ids: ["{AMUSED.id}"]')

    assert ids(found["lines"], "Post") == [CAKE_POST.id, TRAIN_POST.id]
    assert ids(found["lines"], "Intention") == [AMUSED.id]
    assert found["morePostsOf"] == []


async def test_posts_that_are_left_out_are_told(ask: Asking) -> None:
    found = await asked(ask, f'ids: ["{AMUSED.id}", "{VISIT.id}"], posts: 1')

    assert ids(found["lines"], "Post") == [CAKE_POST.id]
    assert found["morePostsOf"] == [AMUSED.id]
    manifest = json.loads(found["lines"].splitlines()[0])
    assert manifest["left_out"] == {"more_posts_of": [AMUSED.id], "more_pass": False}


async def test_a_post_brings_all_that_it_has(ask: Asking) -> None:
    found = await asked(ask, f'ids: ["{global_id(NodeKind.POST, TRAIN_POST.id)}"]')

    assert ids(found["lines"], "Post") == [TRAIN_POST.id]
    assert len(ids(found["lines"], "Intention")) == 2
    assert ids(found["lines"], "Concept") == ["/c/en/anger", "/c/en/train"]
    assert len(ids(found["lines"], "Run")) == 1


async def test_commonsense_comes_between_what_is_there(ask: Asking) -> None:
    alone = await asked(ask, f'ids: ["{DOG.id}"]')
    both = await asked(ask, f'ids: ["{DOG.id}", "{PET.id}", "{DOG.id}"]')

    assert [one["name"] for one in alone["counts"]] == ["Concept"]
    assert {one["name"]: one["count"] for one in both["counts"]} == {"Concept": 2, "RELATED": 1}


async def test_posts_that_pass_are_exported_up_to_first(ask: Asking) -> None:
    labelled = 'where: {or: [{sources: ["pets"]}, {sources: ["rail"]}]}'

    one = await asked(ask, f"{labelled}, first: 1")
    both = await asked(ask, labelled)

    assert ids(one["lines"], "Post") == [DOG_POST.id]
    assert (one["morePass"], both["morePass"]) == (True, False)
    assert ids(both["lines"], "Post") == [DOG_POST.id, TRAIN_POST.id]
    told = json.loads(one["lines"].splitlines()[0])["asked"]
    assert told["first"] == 1
    assert {tuple(part["sources"]) for part in told["where"]["any_of"]} == {("pets",), ("rail",)}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("", "BAD_QUERY"),
        ("ids: []", "BAD_QUERY"),
        ("where: {}", "BAD_QUERY"),
        (f'ids: ["{DOG.id}"], where: {{sources: ["pets"]}}', "BAD_QUERY"),
        ('where: {sources: ["pets"]}, first: 0', "BAD_QUERY"),
        ('where: {sources: ["pets"]}, first: 101', "BAD_QUERY"),
        (f'ids: ["{DOG.id}"], posts: -1', "BAD_QUERY"),
        (f'ids: ["{DOG.id}"], posts: 101', "BAD_QUERY"),
        ("ids: [" + '"a:b"' * 101 + "]", "BAD_QUERY"),
        ('ids: ["pets:none"]', "UNKNOWN_ID"),
        ('ids: ["/c/en/none"]', "UNKNOWN_ID"),
        ('ids: ["aaaaaaaaaaaaaaaa"]', "UNKNOWN_ID"),
        ('ids: [""]', "UNKNOWN_ID"),
        ('ids: ["a\\u0000:b"]', "UNKNOWN_ID"),
    ],
)
async def test_what_cannot_be_asked_is_refused(ask: Asking, arguments: str, code: str) -> None:
    field = f"subgraph({arguments})" if arguments else "subgraph"

    answer = await ask(f"{{ {field} {{ sha256 }} }}")

    assert answer["errors"][0]["extensions"]["code"] == code


async def test_a_subgraph_that_is_too_large_is_refused(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subgraphs, "NODES_LIMIT", 4)

    assert await subgraph(store, Wanted((DOG_POST.id,)))
    with pytest.raises(QueryError, match="more than 4 nodes"):
        await subgraph(store, Wanted((TRAIN_POST.id, DOG_POST.id)))


async def test_few_subgraphs_are_asked_for_at_once(ask: Asking) -> None:
    fields = " ".join(f's{n}: subgraph(ids: ["{DOG.id}"]) {{ sha256 }}' for n in range(5))

    refused = await ask(f"{{ {fields} }}")

    assert refused["errors"][0]["extensions"]["code"] == "TOO_COSTLY"


async def test_posts_are_read_no_further_than_there_may_be_nodes(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subgraphs, "NODES_LIMIT", 2)
    monkeypatch.delattr(type(store), "intentions_of")

    with pytest.raises(QueryError, match="more than 2 nodes"):
        await subgraph(store, Wanted((AMUSED.id,)))


@pytest.mark.parametrize("wanted", [(DOG_POST.id,), (HOME.id,), (DOG.id, PET.id)])
async def test_a_subgraph_of_much_content_is_refused(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch, wanted: tuple[str, ...]
) -> None:
    whole = await subgraph(store, Wanted(wanted))
    monkeypatch.setattr(subgraphs, "READ_BYTES", len(whole.content) // 2)

    with pytest.raises(QueryError, match="too large"):
        await subgraph(store, Wanted(wanted))


@pytest.mark.parametrize(("wanted", "name"), [(TRAIN_POST.id, "has_intention"), (HOME.id, "about")])
async def test_what_a_load_would_reject_is_not_written(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch, wanted: str, name: str
) -> None:
    monkeypatch.setattr(format_, "PARTS_LIMIT", 1)

    with pytest.raises(QueryError, match=f"{wanted} has 2 {name}"):
        await subgraph(store, Wanted((wanted,), posts=0))


async def test_pages_are_joined(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Wanted((DOG_POST.id, TRAIN_POST.id, CAKE_POST.id, HOME.id, PET.id))
    whole = await subgraph(store, wanted)
    monkeypatch.setattr(subgraphs, "PAGE_ROWS", 1)

    assert (await subgraph(store, wanted)).content == whole.content


async def test_a_graph_that_is_written_to_meanwhile_is_told(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = iter((1, 2))

    async def next_version() -> int:
        return next(versions)

    monkeypatch.setattr(store, "version", next_version)

    with pytest.raises(StoreBusyError, match="run this again"):
        await subgraph(store, Wanted(where=Filter(sources=("pets",))))
