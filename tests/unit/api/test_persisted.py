"""A document that was sent with its hash is asked for by the hash from then on."""

import hashlib
import json
from typing import Any

import httpx
import pytest

from api import persisted
from api.persisted import PersistedQueries
from api.wire import Asked, HttpError

pytestmark = pytest.mark.anyio

QUERY = "{ stats { version } }"


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def extensions(sha256: str, version: int = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": sha256}}


async def test_a_document_is_known_by_its_hash_once_it_was_sent(client: httpx.AsyncClient) -> None:
    by_hash = {"extensions": extensions(hashed(QUERY))}

    unknown = await client.post("/graphql", json=by_hash)
    sent = await client.post("/graphql", json={"query": QUERY, **by_hash})
    known = await client.post("/graphql", json=by_hash)
    named = {"extensions": json.dumps(by_hash["extensions"])}
    by_address = await client.get("/graphql", params=named)

    assert unknown.status_code == 200
    (error,) = unknown.json()["errors"]
    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"] == {"code": "PERSISTED_QUERY_NOT_FOUND"}
    assert sent.json()["data"] == known.json()["data"] == by_address.json()["data"]
    assert "errors" not in sent.json()


async def test_a_hash_of_another_document_is_refused(client: httpx.AsyncClient) -> None:
    body = {"query": QUERY, "extensions": extensions(hashed("{ other }"))}

    answer = await client.post("/graphql", json=body)
    after = await client.post("/graphql", json={"extensions": extensions(hashed("{ other }"))})

    assert answer.status_code == 400
    assert "sha256Hash is not that of the query" in answer.json()["errors"][0]["message"]
    assert after.json()["errors"][0]["message"] == "PersistedQueryNotFound"


@pytest.mark.parametrize(
    "given",
    [
        extensions(hashed(QUERY), version=2),
        extensions("abc"),
        {"persistedQuery": "abc"},
        {"persistedQuery": {"version": 1}},
    ],
)
async def test_what_is_no_hash_is_refused(client: httpx.AsyncClient, given: Any) -> None:
    answer = await client.post("/graphql", json={"query": QUERY, "extensions": given})

    assert answer.status_code == 400
    assert "version 1 and a sha256Hash" in answer.json()["errors"][0]["message"]


async def test_other_extensions_are_nothing_to_us(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": QUERY, "extensions": {"tracing": True}})

    assert "errors" not in answer.json()


async def test_what_was_asked_for_longest_ago_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "KEPT_CHARACTERS", 25)
    kept = PersistedQueries()
    first, second, third = (f"{{ query{n} }}" for n in range(3))  # of 10 characters each
    for text in (first, second):
        kept.text_of(Asked(text, {}, None, hashed(text)))
    kept.text_of(Asked("", {}, None, hashed(first)))

    kept.text_of(Asked(third, {}, None, hashed(third)))

    assert kept.text_of(Asked("", {}, None, hashed(first))) == first
    with pytest.raises(HttpError, match="PersistedQueryNotFound"):
        kept.text_of(Asked("", {}, None, hashed(second)))
