"""Deleting a post over GraphQL: who may, the receipt, and what is refused."""

import hashlib
from typing import Any

import httpx
import pytest
from contract.small_graph import AMUSED, TRAIN_POST
from pydantic import SecretStr, ValidationError
from unit.api.conftest import client_of

from api.ids import global_id
from api.settings import ApiSettings
from kg.store import GraphStore
from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio

TOKEN = "0123456789abcdef"  # noqa: S105 of no server
WRITING = ApiSettings(write_token=SecretStr(TOKEN))
DELETE = """
mutation ($id: ID!) {
  deletePost(id: $id) {
    key time version versionBefore removed { name count } stayed { key id posts }
    textSha256 sha256 verified checks { passed } left
  }
}
"""


async def deleted(client: httpx.AsyncClient, post_id: str, *headers: tuple[str, str]) -> Any:
    """Send the mutation; return the whole response, as JSON of any type."""
    body = {"query": DELETE, "variables": {"id": post_id}}
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return (await client.post("/graphql", json=body, headers=sent)).json()


def bearing(token: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {token}"


def code_of(response: Any) -> str:
    assert response["data"] == {"deletePost": None}
    return response["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize("post_id", [TRAIN_POST.id, global_id(NodeKind.POST, TRAIN_POST.id)])
async def test_a_post_is_deleted_with_a_receipt(store: GraphStore, post_id: str) -> None:
    async with client_of(store, WRITING) as client:
        answer = await deleted(client, post_id, bearing(TOKEN))

    receipt = answer["data"]["deletePost"]
    assert receipt["key"] == TRAIN_POST.id
    assert {"name": "Intention", "count": 1} in receipt["removed"]
    assert [(one["key"], one["posts"]) for one in receipt["stayed"]] == [(AMUSED.id, 1)]
    assert receipt["textSha256"] == hashlib.sha256(TRAIN_POST.text.encode()).hexdigest()
    assert receipt["version"] > receipt["versionBefore"]
    assert receipt["verified"] is True
    assert len(receipt["checks"]) == 7
    assert "miko purge" in receipt["left"][0]
    assert await store.posts([TRAIN_POST.id]) == [None]


async def test_nobody_deletes_where_no_token_is_set(
    store: GraphStore, client: httpx.AsyncClient
) -> None:
    for headers in ([], [bearing("")], [bearing(TOKEN)]):
        assert code_of(await deleted(client, TRAIN_POST.id, *headers)) == "WRITES_OFF"

    assert await store.posts([TRAIN_POST.id]) == [TRAIN_POST]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [bearing("")],
        [bearing(TOKEN[:-1])],
        [bearing(TOKEN + "0")],
        [("Authorization", TOKEN)],
        [("Authorization", "Basic " + TOKEN)],
        [bearing("\xe9" * 16)],
    ],
)
async def test_another_token_deletes_nothing(
    store: GraphStore, headers: list[tuple[str, str]]
) -> None:
    async with client_of(store, WRITING) as client:
        assert code_of(await deleted(client, TRAIN_POST.id, *headers)) == "FORBIDDEN"

    assert await store.posts([TRAIN_POST.id]) == [TRAIN_POST]


async def test_a_get_deletes_nothing(store: GraphStore) -> None:
    async with client_of(store, WRITING) as client:
        refused = await client.get(
            "/graphql",
            params={"query": 'mutation { deletePost(id: "rail:2") { key } }'},
            headers=[bearing(TOKEN)],
        )

    assert refused.status_code == 405
    assert await store.posts([TRAIN_POST.id]) == [TRAIN_POST]


@pytest.mark.parametrize(
    "post_id", ["", "pets:none", "/c/en/dog", AMUSED.id, "a\x00:b", "a:" * 9000, "mutation"]
)
async def test_what_is_no_post_is_told_as_such(store: GraphStore, post_id: str) -> None:
    async with client_of(store, WRITING) as client:
        assert code_of(await deleted(client, post_id, bearing(TOKEN))) == "UNKNOWN_ID"


async def test_a_second_time_says_when_it_was_deleted(store: GraphStore) -> None:
    async with client_of(store, WRITING) as client:
        first = await deleted(client, TRAIN_POST.id, bearing(TOKEN))
        again = await deleted(client, TRAIN_POST.id, bearing(TOKEN))

    assert code_of(again) == "DELETED"
    assert first["data"]["deletePost"]["time"] in again["errors"][0]["message"]


async def test_one_request_deletes_few(store: GraphStore) -> None:
    fields = " ".join(f'p{n}: deletePost(id: "s:{n}") {{ key }}' for n in range(50))
    async with client_of(store, WRITING) as client:
        body = {"query": f"mutation {{ {fields} }}"}
        refused = (await client.post("/graphql", json=body, headers=[bearing(TOKEN)])).json()

    assert refused["errors"][0]["extensions"]["code"] == "TOO_COSTLY"


@pytest.mark.parametrize("token", ["short", "é" * 16, "0123456789abcde\n"])
def test_a_token_that_is_none_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ValidationError, match="16 plain characters") as caught:
        ApiSettings(write_token=SecretStr(token))

    assert token not in str(caught.value)
    assert TOKEN not in repr(WRITING)
