"""Pages: continued in the same order, or refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.api.conftest import Asking, fill

from api.cursor import id_after, id_cursor, rank_cursor, window_after
from kg.ranking import Window
from kg.store import GraphStore
from schema.errors import QueryError
from schema.graph import Batch
from schema.nodes import Post

pytestmark = pytest.mark.anyio

POSTS = """query($first: Int!, $after: String) { posts(first: $first, after: $after) {
  edges { cursor node { key } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
} }"""
SEARCH = """query($text: String!, $after: String, $first: Int!) {
  page: searchPosts(text: $text, mode: SEMANTIC, first: $first, after: $after) {
    edges { cursor node { key } } pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}"""


async def test_a_list_is_paged_by_id(ask: Asking) -> None:
    one = (await ask(POSTS, first=2))["data"]["posts"]
    two = (await ask(POSTS, first=2, after=one["pageInfo"]["endCursor"]))["data"]["posts"]

    assert [e["node"]["key"] for e in one["edges"] + two["edges"]] == ["food:3", "pets:1", "rail:2"]
    assert one["pageInfo"]["hasNextPage"]
    assert not one["pageInfo"]["hasPreviousPage"]
    assert not two["pageInfo"]["hasNextPage"]
    assert two["pageInfo"]["hasPreviousPage"]


async def test_the_pages_of_a_search_are_the_whole_cut(ask: Asking) -> None:
    whole = (await ask(SEARCH, text="home", first=3))["data"]["page"]
    one = (await ask(SEARCH, text="home", first=2))["data"]["page"]
    after = one["pageInfo"]["endCursor"]
    two = (await ask(SEARCH, text="home", first=2, after=after))["data"]["page"]

    assert one["edges"] + two["edges"] == whole["edges"]
    assert one["pageInfo"]["hasNextPage"]
    assert not two["pageInfo"]["hasNextPage"]


async def test_a_page_after_a_write_is_refused(ask: Asking, store: GraphStore) -> None:
    one = (await ask(SEARCH, text="home", first=1))["data"]["page"]
    await fill(store, Batch(posts=(Post("new:1", "Brand new", "new"),)))

    two = await ask(SEARCH, text="home", first=1, after=one["pageInfo"]["endCursor"])

    assert two["data"]["page"] is None
    assert two["errors"][0]["extensions"]["code"] == "STALE_CURSOR"


async def test_a_cursor_of_another_question_is_refused(ask: Asking) -> None:
    one = (await ask(SEARCH, text="home", first=1))["data"]["page"]

    two = await ask(SEARCH, text="train", first=1, after=one["pageInfo"]["endCursor"])

    assert two["errors"][0]["extensions"]["code"] == "BAD_QUERY"
    assert "another question" in two["errors"][0]["message"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "aTo=", "☃", base64.b64encode(b"r:1:2").decode(), base64.b64encode(b"\xff").decode()],
)
async def test_what_is_no_cursor_is_refused(ask: Asking, cursor: str) -> None:
    listed = await ask(POSTS, first=1, after=cursor)
    ranked = await ask(SEARCH, text="home", first=1, after=cursor)

    assert listed["errors"][0]["extensions"]["code"] == "BAD_QUERY"
    assert ranked["errors"][0]["extensions"]["code"] == "BAD_QUERY"


@pytest.mark.parametrize(
    "forged",
    ["r:²:1:q", "r:1:²:q", "r:٣:1:q", "r:-1:1:q", f"r:{'9' * 5000}:1:q", "r:1:1:q:", "i:1:1:q"],
)
def test_a_forged_cursor_of_the_right_question_is_refused(forged: str) -> None:
    with pytest.raises(QueryError, match="is no cursor"):
        window_after(1, base64.b64encode(forged.encode()).decode(), question="q", limit=200)


def test_the_last_page_of_a_ranking_ends_at_its_limit() -> None:
    window = window_after(10, rank_cursor(7, 195, "q"), question="q", limit=200)

    assert window == Window(5, 195, 7)


def test_first_out_of_range_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(QueryError, match="first is 101"):
        window_after(101, None, question="q", limit=200)


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_an_id_survives_its_cursor(node_id: str) -> None:
    assert id_after(id_cursor(node_id)) == node_id


@given(st.text())
def test_any_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="is no cursor"):
        window_after(1, text, question="q", limit=10)
