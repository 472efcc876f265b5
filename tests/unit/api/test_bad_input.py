"""What is wrong comes back as a clear error with a code, and never as a stack trace."""

import json
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import anyio.to_thread
import httpx
import pytest
from graphql import get_introspection_query
from unit.api.conftest import DIMENSIONS, Asking, asking, client_of

from api.settings import ApiSettings
from kg.store import EmbeddingModel, GraphStore
from schema.errors import StoreBusyError, StoreError
from schema.graph import Batch, Related

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
DEEP = "{ intentions { intention { posts " * 6 + "{ key }" + " } } }" * 6


def code_of(answer: dict[str, Any]) -> str:
    """Return the code of the only error."""
    (error,) = answer["errors"]
    return error["extensions"]["code"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", JSON, 400, "BAD_REQUEST"),
        (b"\xff\xfe", JSON, 400, "BAD_REQUEST"),
        (b"", JSON, 400, "BAD_REQUEST"),
        (b"null", JSON, 400, "BAD_REQUEST"),
        (b"{}", JSON, 400, "BAD_REQUEST"),
        (b'{"query": 5}', JSON, 400, "BAD_REQUEST"),
        (b'{"query": "{ stats { judgements } }", "variables": []}', JSON, 400, "BAD_REQUEST"),
        (b'{"query": "{ stats { judgements } }", "operationName": 1}', JSON, 400, "BAD_REQUEST"),
        (b'{"query": "query A { __typename }", "operationName": "B"}', JSON, 400, "BAD_REQUEST"),
        (b'[{"query": "{ __typename }"}]', JSON, 400, "BAD_REQUEST"),
        (b'{"query": "\\ud800"}', JSON, 400, "BAD_REQUEST"),
        (b"[" * 100_000, JSON, 400, "BAD_REQUEST"),
        (b'{"query": "{ __typename }"}', {"content-type": "text/plain"}, 415, "BAD_REQUEST"),
        (b'{"query": "{ __typename }"}', {}, 415, "BAD_REQUEST"),
        (b"query={__typename}", FORM, 415, "BAD_REQUEST"),
        (b" " * 300_000, JSON, 413, "TOO_LARGE"),
    ],
)
async def test_a_malformed_request_is_refused(
    client: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    response = await client.post("/graphql", content=body, headers=headers)

    assert response.status_code == status
    assert code_of(response.json()) == code


@pytest.mark.parametrize(
    ("levels", "code"), [(6, "BAD_QUERY"), (300, "BAD_QUERY"), (9000, "BAD_REQUEST")]
)
async def test_a_filter_of_any_depth_is_refused(
    client: httpx.AsyncClient, levels: int, code: str
) -> None:
    where = '{"not": [' * levels + '{"sources": ["pets"]}' + "]}" * levels
    query = "query ($where: Where) { posts(where: $where) { totalCount } }"
    body = f'{{"query": "{query}", "variables": {{"where": {where}}}}}'

    response = await client.post("/graphql", content=body, headers=JSON)

    assert code_of(response.json()) == code


async def test_a_body_is_refused_before_it_has_all_come(client: httpx.AsyncClient) -> None:
    sent: list[bytes] = []

    async def endless():
        while True:
            sent.append(b" " * 100_000)
            yield sent[-1]

    response = await client.post("/graphql", content=endless(), headers=JSON)

    assert response.status_code == 413


async def test_a_get_asks_a_query(client: httpx.AsyncClient) -> None:
    query = "query($id: ID!) { post(id: $id) { key } }"
    params = {"query": query, "variables": '{"id": "pets:1"}'}

    response = await client.get("/graphql", params=params)

    assert response.json() == {"data": {"post": {"key": "pets:1"}}}


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"query": "{ __typename }", "variables": "{"}, 400),
        ({"query": "mutation { post }"}, 405),
    ],
)
async def test_a_get_asks_nothing_else(
    client: httpx.AsyncClient, params: dict[str, str], status: int
) -> None:
    response = await client.get("/graphql", params=params)

    assert response.status_code == status
    assert code_of(response.json()) == "BAD_REQUEST"


async def test_a_head_asks_nothing_that_a_get_may_not(client: httpx.AsyncClient) -> None:
    allowed = await client.head("/graphql", params={"query": "{ __typename }"})
    refused = await client.head("/graphql", params={"query": "mutation { post }"})

    assert (allowed.status_code, refused.status_code) == (200, 405)


async def test_other_methods_are_refused(client: httpx.AsyncClient) -> None:
    response = await client.put("/graphql", content=b"{}", headers=JSON)

    assert response.status_code == 405


async def test_the_media_type_asked_for_decides_the_status(client: httpx.AsyncClient) -> None:
    headers = {"accept": "application/graphql-response+json"}

    response = await client.post("/graphql", json={"query": "{ nothing }"}, headers=headers)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/graphql-response+json"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "BAD_QUERY"),
        ("{ nothing }", "BAD_QUERY"),
        ("{ posts(where: {relations: [bogus]}) { totalCount } }", "BAD_QUERY"),
        ("mutation { post }", "BAD_QUERY"),
        ("subscription { post }", "BAD_QUERY"),
        ("{ posts { ...A } } fragment A on PostListConnection { ...A }", "BAD_QUERY"),
        (
            "{ ...A } fragment A on Query { ...B } fragment B on Query { stats { version } ...A }",
            "BAD_QUERY",
        ),
        ('{ post(id: "pets:1") ' + DEEP + " }", "TOO_DEEP"),
        ("{ post { x" + " { x" * 150 + " }" * 150 + " } }", "TOO_DEEP"),
        ("{" * 1_000, "BAD_QUERY"),
        ("{ posts(first: 100) { edges { node { intentions(first: 100) { intention { "
         "posts(first: 100) { key } } } } } } }", "TOO_COSTLY"),
        ("{ " + " ".join(f'a{n}: paths(from: "x") {{ cut }}' for n in range(60)) + " }",
         "TOO_COSTLY"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }", "BAD_QUERY"),
        ("{ " + "#\n" * 10_000 + "__typename }", "BAD_QUERY"),
    ],
)  # fmt: skip
async def test_an_operation_that_may_not_run_is_refused(ask: Asking, query: str, code: str) -> None:
    answer = await ask(query)

    assert code_of(answer) == code
    assert "data" not in answer


@pytest.mark.parametrize("field", ["__typename", "stats { version }", "relations { count }"])
async def test_the_same_field_as_often_as_tokens_allow_is_answered_soon(
    ask: Asking, field: str
) -> None:
    started = time.monotonic()

    await ask("{ " + f"{field} " * (990 // (len(field.split()))) + "}")

    assert time.monotonic() - started < 30


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
@pytest.mark.parametrize(
    "field",
    [
        "posts(first: $n) { totalCount }",
        'searchPosts(text: "a", first: $n) { edges { cursor } }',
        'similarPosts(id: "pets:1", first: $n) { edges { cursor } }',
        "postsByIntention(relation: xWant, first: $n) { edges { cursor } }",
        'paths(from: "pets:1", first: $n) { cut }',
        'commonsensePrediction(of: {id: "pets:1"}) { lacking(first: $n) { similarity } }',
        'commonsensePrediction(of: {id: "pets:1"}) { unforeseen(first: $n) { __typename } }',
        'post(id: "pets:1") { intentions(first: $n) { raw } }',
        'post(id: "pets:1") { concepts(first: $n) { raw } }',
    ],
)
async def test_a_list_of_no_length_or_too_long_is_refused(
    ask: Asking, field: str, first: int
) -> None:
    answer = await ask(f"query($n: Int!) {{ {field} }}", n=first)

    assert code_of(answer) == "BAD_QUERY"
    assert f"first is {first}" in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ searchPosts(text: "") { edges { cursor } } }', "BAD_QUERY"),
        ('{ searchPosts(text: " ") { edges { cursor } } }', "BAD_QUERY"),
        ('{ searchPosts(text: "\\u0000") { edges { cursor } } }', "BAD_QUERY"),
        ('{ similarPosts(id: "pets:404") { edges { cursor } } }', "UNKNOWN_ID"),
        ('{ similarPosts(id: "/c/en/dog") { edges { cursor } } }', "UNKNOWN_ID"),
        ('{ similarIntentions(id: "") { edges { cursor } } }', "UNKNOWN_ID"),
        ('{ neighborhood(id: "/c/en/gone") { cut } }', "UNKNOWN_ID"),
        ('{ neighborhood(id: "/c/en/dog", hops: 7) { cut } }', "BAD_QUERY"),
        ('{ neighborhood(id: "/c/en/dog", fanOut: 0) { cut } }', "BAD_QUERY"),
        ('{ neighborhood(id: "/c/en/dog", types: []) { cut } }', "BAD_QUERY"),
        ('{ neighborhood(id: "/c/en/dog") { nodes(first: 501) { key } } }', "BAD_QUERY"),
        ('{ paths(from: "/c/en/dog", to: "/c/en/dog") { cut } }', "BAD_QUERY"),
        ('{ paths(from: "/c/en/dog", to: "/c/en/pet", toKind: POST) { cut } }', "BAD_QUERY"),
        ('{ paths(from: "/c/en/dog", to: "/c/en/pet", lastType: ABOUT) { cut } }', "BAD_QUERY"),
        ('{ paths(from: "/c/en/dog", to: "/c/en/pet", overlap: 2) { cut } }', "BAD_QUERY"),
        ('{ paths(from: "/c/en/dog", types: [ABOUT], lastType: RELATED) { cut } }', "BAD_QUERY"),
        ('{ paths(from: "/c/en/dog", overlap: 0.5) { cut } }', "BAD_QUERY"),
        ('{ paths(from: "/c/en/dog", to: "/c/en/gone") { cut } }', "UNKNOWN_ID"),
        ('{ commonsensePrediction(of: {text: " "}) { lackingCount } }', "BAD_QUERY"),
        ('{ commonsensePrediction(of: {id: "pets:1"}, heads: 51) { lackingCount } }', "BAD_QUERY"),
        (
            '{ commonsensePrediction(of: {id: "pets:1"}, similarity: 2) { lackingCount } }',
            "BAD_QUERY",
        ),
        ('{ commonsensePrediction(of: {id: "pets:9"}) { lackingCount } }', "UNKNOWN_ID"),
        ('{ commonsensePrediction(of: {id: "/c/en/dog"}) { lackingCount } }', "UNKNOWN_ID"),
        ('{ posts(where: {concepts: [""]}) { totalCount } }', "BAD_QUERY"),
        ('{ posts(where: {hashtags: ["#"]}) { totalCount } }', "BAD_QUERY"),
        (
            "{ postsByIntention(relation: xWant, where: {relations: [xNeed]}) "
            "{ edges { cursor } } }",
            "BAD_QUERY",
        ),
        ('{ postsByIntention(relation: xWant, about: "") { edges { cursor } } }', "BAD_QUERY"),
    ],
)
async def test_a_question_that_cannot_be_is_refused(ask: Asking, query: str, code: str) -> None:
    answer = await ask(query)

    assert code_of(answer) == code
    assert list(answer["data"].values()) == [None]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            '{ similarPosts(id: "/c/en/dog") { edges { cursor } } }',
            "'/c/en/dog' is an id of type Concept: here one of type Post is asked for",
        ),
        (
            '{ intentionsSharing(id: "UG9zdDpwZXRzOjE=") { edges { cursor } } }',
            "'pets:1' is an id of type Post: here one of type Intention is asked for",
        ),
        ('{ similarPosts(id: "dog") { edges { cursor } } }', "no node has the id 'dog'"),
        (
            '{ neighborhood(id: "/c/en/dog", relations: ["isa"]) { cut } }',
            "'isa' is no relation of commonsense: did you mean IsA",
        ),
        (
            '{ paths(from: "/c/en/dog", relations: ["☃"]) { cut } }',
            "name any of Antonym, AtLocation",
        ),
        (
            '{ posts(where: {sources: [""]}) { totalCount } }',
            "the filter's sources: '' is empty: leave it out",
        ),
        (
            f'{{ posts(where: {{hashtags: ["{"a" * 600}"]}}) {{ totalCount }} }}',
            "has 600 characters, the limit is 512",
        ),
        (
            '{ posts(where: {choices: ["\\u0000"]}) { totalCount } }',
            "holds a NUL character",
        ),
    ],
)
async def test_a_refusal_says_what_is_wrong_and_what_is_meant(
    ask: Asking, query: str, message: str
) -> None:
    answer = await ask(query)

    assert message in answer["errors"][0]["message"]


async def test_a_relation_that_only_the_graph_has_may_be_followed(
    ask: Asking, store: GraphStore
) -> None:
    asked = 'types: [RELATED], relations: ["mw:MayHave"]'
    query = f'{{ neighborhood(id: "/c/en/dog", {asked}) {{ nodeCount }} }}'
    await store.put(Batch(related=(Related("/c/en/dog", "mw:MayHave", "/c/en/pet", "cskg", 1.0),)))

    answer = await ask(query)

    assert answer["data"]["neighborhood"]["nodeCount"] == 2


@pytest.mark.parametrize(
    "field",
    [
        'searchIntentions(text: "home", mode: SEMANTIC)',
        'searchIntentions(text: "home", mode: HYBRID)',
        'postsByIntention(relation: xWant, about: "home")',
    ],
)
async def test_a_question_by_meaning_is_refused_once_another_model_embeds(
    ask: Asking, store: GraphStore, field: str
) -> None:
    await store.replace_model(EmbeddingModel("other", "2", DIMENSIONS))

    answer = await ask(f"{{ {field} {{ edges {{ cursor }} }} }}")

    assert code_of(answer) == "EMBEDDING_MODEL"


async def test_a_text_of_thirty_thousand_characters_is_refused(ask: Asking) -> None:
    answer = await ask(
        "query($t: String!) { searchPosts(text: $t) { edges { cursor } } }", t="a" * 30_000
    )

    assert code_of(answer) == "BAD_QUERY"
    assert "30000 characters" in answer["errors"][0]["message"]


async def test_too_many_ids_are_refused(ask: Asking) -> None:
    answer = await ask("query($i: [ID!]!) { nodes(ids: $i) { key } }", i=["pets:1"] * 101)

    assert code_of(answer) == "BAD_QUERY"
    assert "ids has 101 values" in answer["errors"][0]["message"]


async def test_too_many_values_of_a_condition_are_refused(ask: Asking) -> None:
    sources = [f"source{n}" for n in range(101)]

    answer = await ask(
        "query($w: Where) { posts(where: $w) { totalCount } }", w={"sources": sources}
    )

    assert code_of(answer) == "BAD_QUERY"


@pytest.mark.parametrize(
    "text",
    [
        "why me? (again) :/ AND [",
        "#a/b!",
        "?!… :/",
        "a" * 10_000,
        "dog " * 2_500,
        '"',
        "\\",
        "a' OR 1=1 --",
        "*:*",
        "🐕‍🦺",
        "\u202e",
    ],
)
async def test_a_text_is_text(ask: Asking, text: str) -> None:
    answer = await ask("query($t: String!) { searchPosts(text: $t) { edges { cursor } } }", t=text)

    assert "errors" not in answer


async def test_one_field_that_fails_leaves_the_others(ask: Asking) -> None:
    answer = await ask('{ post(id: "pets:1") { key } posts(first: 0) { totalCount } }')

    assert answer["data"] == {"post": {"key": "pets:1"}, "posts": None}
    assert answer["errors"][0]["path"] == ["posts"]


class AlteredStore:
    """A store whose reading of posts is another's; the rest is as it was."""

    def __init__(self, store: GraphStore, posts: Callable[..., Awaitable[object]]) -> None:
        self._store = store
        self.posts = posts

    def __getattr__(self, name: str) -> Any:
        """Return what the store has; it is of any type."""
        return getattr(self._store, name)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreBusyError("another process is writing to /secret/place"), "STORE_BUSY"),
        (StoreError("SQLite failed on /secret/place"), "STORE_FAILED"),
        (RuntimeError("somebody's secret post"), "INTERNAL"),
    ],
)
async def test_a_failure_tells_no_secrets(
    store: GraphStore, error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: Sequence[str]) -> None:
        raise error

    # The wrapper has the methods of whatever it wraps.
    async with client_of(cast("GraphStore", AlteredStore(store, fail))) as client:
        response = await client.post("/graphql", json={"query": '{ post(id: "a:1") { key } }'})

    assert code_of(response.json()) == code
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "secret post" not in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@pytest.mark.parametrize(
    "query", ['{ post(id: "a:1") { key } }', '{ post(id: "a:1") { key } stats { judgements } }']
)
async def test_a_request_out_of_time_is_answered_at_once(store: GraphStore, query: str) -> None:
    gate = threading.Event()

    async def wait(ids: Sequence[str]) -> list[None]:
        await anyio.to_thread.run_sync(gate.wait, 10)
        return [None] * len(ids)

    # The wrapper has the methods of whatever it wraps.
    slow = cast("GraphStore", AlteredStore(store, wait))
    started = time.monotonic()

    async with client_of(slow, ApiSettings(timeout_s=0.2)) as client:
        response = await client.post("/graphql", json={"query": query})
    elapsed_s = time.monotonic() - started
    gate.set()

    assert response.status_code == 503
    assert code_of(response.json()) == "TIME_LIMIT"
    assert elapsed_s < 2


async def test_a_limit_can_be_set(store: GraphStore) -> None:
    async with client_of(store, ApiSettings(token_limit=10)) as client:
        answer = await asking(client)(
            "{ relations { relation gloss frame side count } stats { x } }"
        )

    assert code_of(answer) == "BAD_QUERY"


async def test_the_schema_can_be_asked_for(ask: Asking) -> None:
    answer = await ask(get_introspection_query())

    assert "errors" not in answer
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_the_answer_is_json_whatever_was_asked(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", content=b"{", headers=JSON)

    assert json.loads(response.content)["errors"]
    assert response.headers["content-type"] == "application/json"


async def test_of_several_operations_one_must_be_named(client: httpx.AsyncClient) -> None:
    document = "query A { stats { version } } query B { stats { judgements } }"

    for name in (None, ""):
        body = {"query": document, "operationName": name}
        answer = (await client.post("/graphql", json=body)).json()
        assert answer["errors"][0]["extensions"]["code"] == "BAD_QUERY"
        assert "name one of them by operationName" in answer["errors"][0]["message"]

    named = await client.post("/graphql", json={"query": document, "operationName": "B"})
    assert "judgements" in named.json()["data"]["stats"]
