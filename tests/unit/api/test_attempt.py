"""Problems as types: what a caller may act on is data."""

from collections.abc import Awaitable
from typing import Any, cast

import pytest
from contract.small_graph import HOME
from graphql import GraphQLObjectType, GraphQLUnionType, build_schema
from unit.api.conftest import DIMENSIONS, Asking, asking, client_of, fill

from api.sdl import sdl
from kg.store import EmbeddingModel, GraphStore
from schema.errors import StoreBusyError, StoreError, StoreUnreachableError
from schema.graph import Batch
from schema.nodes import Post

pytestmark = pytest.mark.anyio

SCHEMA = build_schema(sdl())
PROBLEM = """__typename ... on Problem {
  message
  ... on GraphMovedOn { seen now }
  ... on UnknownNode { key }
  ... on WrongKind { key kind wanted }
  ... on ModelMismatch { embeddedBy servedBy }
}"""
POSTS = f"""query($after: String) {{ attempt {{
  searchPosts(text: "home", first: 1, after: $after) {{
    {PROBLEM}
    ... on PostConnection {{ edges {{ node {{ key }} }} pageInfo {{ endCursor }} }}
  }}
}} }}"""


class FailingStore:
    """A store whose version cannot be read; the rest is as it was."""

    def __init__(self, store: GraphStore, error: Exception) -> None:
        self._store = store
        self._error = error

    def __getattr__(self, name: str) -> Any:
        """Return what the store has; it is of any type."""
        return getattr(self._store, name)

    def version(self) -> Awaitable[int]:
        raise self._error


async def attempted(ask: Asking, field: str) -> dict[str, Any]:
    """Return what an attempt is answered, which is no error."""
    answer = await ask(f"{{ attempt {{ it: {field} {{ {PROBLEM} }} }} }}")
    assert "errors" not in answer
    return answer["data"]["attempt"]["it"]


async def test_an_attempt_that_succeeds_is_answered_as_the_query_answers(ask: Asking) -> None:
    query = 'searchPosts(text: "home", first: 2) '
    edges = "edges { cursor score node { key text intentions { raw } } } totalCount"

    plain = await ask(f"{{ {query} {{ {edges} }} }}")
    tried = await ask(f"{{ attempt {{ {query} {{ ... on PostConnection {{ {edges} }} }} }} }}")

    assert tried["data"]["attempt"] == plain["data"]


async def test_a_graph_that_moved_on_is_an_answer(ask: Asking, store: GraphStore) -> None:
    one = (await ask(POSTS))["data"]["attempt"]["searchPosts"]
    seen = await store.version()
    await fill(store, Batch(posts=(Post("new:1", "Brand new", "new"),)))

    two = await ask(POSTS, after=one["pageInfo"]["endCursor"])

    assert one["__typename"] == "PostConnection"
    assert "errors" not in two
    moved = two["data"]["attempt"]["searchPosts"]
    assert moved["__typename"] == "GraphMovedOn"
    assert (moved["seen"], moved["now"]) == (seen, await store.version())
    assert "ask for the first page again" in moved["message"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ('node(id: "pets:404")', {"__typename": "UnknownNode", "key": "pets:404"}),
        ('node(id: "nothing")', {"__typename": "UnknownNode", "key": "nothing"}),
        ('node(id: "pets:1")', {"__typename": "Post"}),
        (f'node(id: "{HOME.id}")', {"__typename": "Intention"}),
        ('similarPosts(id: "pets:404")', {"__typename": "UnknownNode", "key": "pets:404"}),
        (
            'similarPosts(id: "/c/en/dog")',
            {"__typename": "WrongKind", "key": "/c/en/dog", "kind": "CONCEPT", "wanted": "POST"},
        ),
        ('intentionsSharing(id: "pets:1")', {"__typename": "WrongKind", "kind": "POST"}),
        ('postsSharing(id: "pets:9")', {"__typename": "UnknownNode", "key": "pets:9"}),
        ('paths(from: "/c/en/gone")', {"__typename": "UnknownNode", "key": "/c/en/gone"}),
        ('neighborhood(id: "/c/en/dog", relations: ["isa"])', {"__typename": "Refused"}),
        ('commonsensePrediction(of: {id: "/c/en/dog"})', {"__typename": "WrongKind"}),
        ('searchIntentions(text: " ")', {"__typename": "Refused"}),
        ('searchConcepts(text: "dog", after: "x")', {"__typename": "Refused"}),
        ("posts(first: 101)", {"__typename": "Refused"}),
        ("postsByDivergence(relation: oReact)", {"__typename": "Refused"}),
        ("postsByContradiction(relations: [])", {"__typename": "Refused"}),
        ('postsByIntention(about: "")', {"__typename": "Refused"}),
    ],
)
async def test_what_a_caller_may_act_on_is_an_answer(
    ask: Asking, field: str, expected: dict[str, str]
) -> None:
    answer = await attempted(ask, field)

    assert expected.items() <= answer.items()


async def test_another_model_is_named_beside_the_servers(ask: Asking, store: GraphStore) -> None:
    await store.replace_model(EmbeddingModel("other", "2", DIMENSIONS))

    answer = await attempted(ask, 'searchPosts(text: "home", mode: SEMANTIC)')

    assert answer["__typename"] == "ModelMismatch"
    assert answer["embeddedBy"].startswith("other@2")
    assert answer["servedBy"].startswith("letters@1")


@pytest.mark.parametrize("kind", [StoreBusyError, StoreUnreachableError])
async def test_a_failure_that_passes_is_an_answer_without_secrets(
    store: GraphStore, kind: type[StoreError]
) -> None:
    failing = FailingStore(store, kind("a server at /secret/place"))
    # The wrapper has the methods of whatever it wraps.
    async with client_of(cast("GraphStore", failing)) as client:
        answer = await attempted(asking(client), 'similarPosts(id: "pets:1")')

    assert answer["__typename"] == "Unavailable"
    assert "ask again in a moment" in answer["message"]
    assert "secret" not in answer["message"]


async def test_a_failure_that_no_caller_can_mend_stays_an_error(
    store: GraphStore, caplog: pytest.LogCaptureFixture
) -> None:
    failing = FailingStore(store, StoreError("SQLite failed on /secret/place"))
    async with client_of(cast("GraphStore", failing)) as client:
        answer = await asking(client)(
            '{ attempt { similarPosts(id: "pets:1") { __typename } } relations { gloss } }'
        )

    assert answer["data"]["attempt"] == {"similarPosts": None}
    assert len(answer["data"]["relations"]) == 10
    assert answer["errors"][0]["extensions"]["code"] == "STORE_FAILED"
    assert len([one for one in caplog.records if "STORE_FAILED" in one.message]) == 1


def test_an_attempt_takes_what_the_query_takes_and_costs_no_less() -> None:
    query, attempt = SCHEMA.type_map["Query"], SCHEMA.type_map["Attempt"]
    assert isinstance(query, GraphQLObjectType)
    assert isinstance(attempt, GraphQLObjectType)

    for name, field in attempt.fields.items():
        assert {n: str(a.type) for n, a in field.args.items()} == {
            n: str(a.type) for n, a in query.fields[name].args.items()
        }
        assert isinstance(field.type, GraphQLUnionType)


def test_what_is_asked_page_by_page_or_by_an_id_may_be_attempted() -> None:
    query, attempt = SCHEMA.type_map["Query"], SCHEMA.type_map["Attempt"]
    assert isinstance(query, GraphQLObjectType)
    assert isinstance(attempt, GraphQLObjectType)

    paged = {name for name, field in query.fields.items() if "after" in field.args}
    from_an_id = {"node", "neighborhood", "paths", "commonsensePrediction"}

    assert set(attempt.fields) == paged | from_an_id
