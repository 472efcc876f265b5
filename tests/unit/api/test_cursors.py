"""Pages: continued in the same order, or refused."""

import base64
from typing import Any

import anyio
import pytest
from contract.small_graph import HOME
from hypothesis import given
from hypothesis import strategies as st
from unit.api.conftest import Asking, fill

from api.cursor import Question, id_after, id_cursor, question_of, window_after
from kg.store import EmbeddingModel, GraphStore
from schema.errors import QueryError, StaleCursorError
from schema.graph import Batch, HasIntention
from schema.nodes import Intention, Post
from schema.relations import Relation

pytestmark = pytest.mark.anyio

MODEL = EmbeddingModel("some-model", "1", 32)
ASKED = question_of(MODEL, "something")


def forged(version: object = 7, rank: object = 1, *, of: Question = ASKED, last: str = "m") -> str:
    """Return a cursor in a ranking's form."""
    text = f"r:{version}:{rank}:{of.asked}:{of.model_hash}:{last}"
    return base64.b64encode(text.encode()).decode()


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
    "cursor",
    [
        forged("²"),
        forged(1, "²"),
        forged("٣"),
        forged(-1),
        forged("9" * 5000),
        forged(1, 1, last=""),
        forged(1, 1)[:-8],
        "=" * 100_000,
        id_cursor("pets:1", ASKED),
    ],
)
def test_a_forged_or_cut_cursor_of_the_right_question_is_refused(cursor: str) -> None:
    with pytest.raises(QueryError, match="is no cursor"):
        window_after(1, cursor, question=ASKED)


def test_a_cursor_of_another_model_says_that_the_ranking_is_another() -> None:
    other = question_of(EmbeddingModel("some-model", "2", 32), "something")

    with pytest.raises(StaleCursorError, match="another embedding model than some-model@1"):
        window_after(1, forged(of=other), question=ASKED)


def test_first_out_of_range_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(QueryError, match="first is 101"):
        window_after(101, None, question=ASKED)


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_an_id_survives_its_cursor(node_id: str) -> None:
    assert id_after(id_cursor(node_id, ASKED), ASKED) == node_id


@given(st.text())
def test_any_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="is no cursor"):
        window_after(1, text, question=ASKED)


@pytest.mark.parametrize("rank", [0, 2, 999])
async def test_a_cursor_whose_result_is_in_no_place_of_the_ranking_is_stale(
    ask: Asking, rank: int
) -> None:
    one = (await ask(SEARCH, text="home", first=1))["data"]["page"]
    _, version, _, question, model, _ = (
        base64.b64decode(one["edges"][0]["cursor"]).decode().split(":")
    )
    cursor = f"r:{version}:{rank}:{question}:{model}:nothing"

    two = await ask(SEARCH, text="home", first=1, after=base64.b64encode(cursor.encode()).decode())

    assert two["data"]["page"] is None
    assert two["errors"][0]["extensions"]["code"] == "STALE_CURSOR"


async def test_a_forged_rank_is_corrected_by_the_result_that_it_is_behind(ask: Asking) -> None:
    whole = (await ask(SEARCH, text="home", first=3))["data"]["page"]["edges"]
    parts = base64.b64decode(whole[0]["cursor"]).decode().split(":")
    cursor = ":".join([*parts[:2], "2", *parts[3:]])

    two = await ask(SEARCH, text="home", first=2, after=base64.b64encode(cursor.encode()).decode())

    assert two["data"]["page"]["edges"] == whole[1:]


async def test_behind_the_deepest_rank_is_an_empty_page(ask: Asking, store: GraphStore) -> None:
    await fill(
        store, Batch(posts=tuple(Post(f"home:{n}", f"home {n}", "home") for n in range(210)))
    )
    query = """query($after: String) {
      page: searchPosts(text: "home", mode: TEXT, order: PLAUSIBILITY, first: 100, after: $after) {
        totalCount edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }"""
    pages = await all_pages(ask, query)

    behind = (await ask(query, after=pages[-1]["pageInfo"]["endCursor"]))["data"]["page"]

    assert [len(page["edges"]) for page in pages] == [100, 100]
    assert (behind["edges"], behind["totalCount"]) == ([], 200)
    assert (behind["pageInfo"]["hasNextPage"], behind["pageInfo"]["hasPreviousPage"]) == (
        False,
        True,
    )


async def test_a_cursor_of_another_list_of_posts_is_refused(ask: Asking) -> None:
    one = (await ask(POSTS, first=1))["data"]["posts"]
    filtered = """query($after: String) {
      posts(first: 1, after: $after, where: {sources: ["rail"]}) { edges { cursor } }
    }"""

    two = await ask(filtered, after=one["pageInfo"]["endCursor"])

    assert "another question" in two["errors"][0]["message"]


SAD = [Intention.of(Relation.O_REACT, f"sad and angry {n}") for n in range(3)]
HELP = [Intention.of(Relation.X_WANT, f"get terrible help {n}") for n in range(3)]
GLAD = [Post(f"glad:{n}", f"What a lovely, happy day {n}", "glad") for n in range(3)]
PAIRS = Batch(
    posts=tuple(GLAD),
    intentions=(*SAD, *HELP),
    has_intention=tuple(
        HasIntention(post.id, one.id, one.text)
        for own in (SAD, HELP)
        for post, one in zip(GLAD, own, strict=True)
    ),
)
RANKINGS = [
    'searchIntentions(text: "home train", mode: SEMANTIC, first: 1)',
    'searchIntentions(text: "home amused", mode: TEXT, first: 1)',
    'searchPosts(text: "home", first: 1)',
    'searchConcepts(text: "dog", first: 1)',
    'similarPosts(id: "pets:1", first: 1)',
    'postsByExample(like: [{text: "home"}], first: 1)',
    "postsByIntention(first: 1)",
    'postsByIntention(about: "find a home", first: 1)',
    f'intentionsSharing(id: "{HOME.id}", first: 1)',
    'postsSharing(id: "pets:1", relation: xWant, first: 1)',
    "postsByDivergence(relation: xWant, against: oReact, first: 1)",
    "postsByContradiction(relations: [xWant, oReact], first: 1)",
]


@pytest.mark.parametrize("ranking", RANKINGS)
async def test_the_total_is_how_many_results_are_on_all_pages(
    ask: Asking, store: GraphStore, ranking: str
) -> None:
    await fill(store, PAIRS)
    field = ranking.replace("first: 1)", "first: 1, after: $after)")
    query = f"""query($after: String) {{ page: {field} {{
      totalCount edges {{ cursor }} pageInfo {{ hasNextPage endCursor }}
    }} }}"""

    pages = await all_pages(ask, query)

    found = [edge["cursor"] for page in pages for edge in page["edges"]]
    assert {page["totalCount"] for page in pages} == {len(found)}
    assert len(set(found)) == len(found) > 0


async def all_pages(ask: Asking, query: str) -> list[dict[str, Any]]:
    """Return the pages of a ranking from the first to the last."""
    pages = [(await ask(query))["data"]["page"]]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["pageInfo"]["endCursor"]
        pages.append((await ask(query, after=after))["data"]["page"])
    return pages


async def test_pages_that_are_taken_while_others_write_are_of_one_ranking_or_refused(
    ask: Asking, store: GraphStore
) -> None:
    written, refused = anyio.Event(), 0
    passes: list[list[str]] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write_on, store, written)
        passes, refused = await passes_until(written, ask)

    whole = (await ask(SEARCH, text="home", first=100))["data"]["page"]["edges"]
    assert refused > 0
    assert all(len(set(one)) == len(one) for one in passes)
    assert passes[-1] == [edge["node"]["key"] for edge in whole]


async def write_on(store: GraphStore, written: anyio.Event) -> None:
    """Write posts for a while, as a load does."""
    for number in range(20):
        await fill(store, Batch(posts=(Post(f"late:{number}", f"home number {number}", "late"),)))
        await anyio.sleep(0.01)
    written.set()


async def passes_until(written: anyio.Event, ask: Asking) -> tuple[list[list[str]], int]:
    """Take all pages, again and again until nobody writes; return each pass that came to its end.

    A page that is refused begins the pass anew; how often that was is returned as well.
    """
    passes: list[list[str]] = []
    seen: list[str] = []
    refused, after, is_last = 0, None, False
    while True:
        answer = await ask(SEARCH, text="home", first=2, after=after)
        page = answer["data"]["page"]
        if page is None:
            assert answer["errors"][0]["extensions"]["code"] == "STALE_CURSOR"
            refused, seen, after = refused + 1, [], None
            continue
        seen = [*seen, *(edge["node"]["key"] for edge in page["edges"])]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            passes.append(seen)
            if is_last:
                return passes, refused
            is_last, seen, after = written.is_set(), [], None


async def test_a_list_that_is_paged_while_others_write_repeats_and_omits_nothing(
    ask: Asking, store: GraphStore
) -> None:
    before = [
        edge["node"]["key"] for edge in (await ask(POSTS, first=100))["data"]["posts"]["edges"]
    ]
    seen: list[str] = []
    after = None
    for number in range(100):
        page = (await ask(POSTS, first=1, after=after))["data"]["posts"]
        await fill(store, Batch(posts=(Post(f"food:{number:03}", "written since", "food"),)))
        seen += [edge["node"]["key"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == sorted(set(seen))
    assert set(before) <= set(seen)
