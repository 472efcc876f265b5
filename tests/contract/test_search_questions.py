"""Questions 1 and 14, asked of the API over real records: the answers as NumPy has them.

The embedder is the tests' own, by letters: what is tested is the search, not the model.
"""

import re
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

import numpy as np
import pytest
from contract.conftest import Backend
from unit.api.conftest import LetterEmbedder, asking, client_of
from unit.ingest.plain_counts import RELATIONS, json_lines, labelled_post, plain

from ingest.load import load
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio

BENCHMARK: Final = "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
EMBEDDER: Final = LetterEmbedder()
EVENT: Final = "get followers to attend an event"
NEW_TEXT: Final = "So proud of the whole team tonight, what a game! See you all at the parade"
WANTS: Final = re.compile(r"after posting this tweet,? the user wants? to ")
BY_INTENTION: Final = """
query ($about: String!, $where: Where, $after: String) {
  postsByIntention(relation: xWant, about: $about, where: $where, first: 100, after: $after) {
    edges { node { key } similarity } pageInfo { hasNextPage endCursor }
  }
}
"""
WITHIN: Final = """
query ($text: String!, $first: Int!) {
  facet(
    by: RELATION
    where: {choices: ["accepted"]}
    among: {text: $text, mode: SEMANTIC, first: $first}
  ) {
    total
    counts { value count }
  }
}
"""
LIKELY: Final = """
query ($text: String!, $nearest: Int!, $where: Where) {
  likelyIntentions(text: $text, nearest: $nearest, where: $where) {
    posts(first: 100) { node { key } similarity }
    relations {
      relation
      intentionCount
      intentions(first: 100) { vote intention { text } posts(first: 3) { node { key } } }
    }
  }
}
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def rows(data: Path) -> list[dict[str, Any]]:
    return json_lines(data / BENCHMARK)


@pytest.fixture(scope="module")
async def real(
    backend: Backend, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[GraphStore]:
    """Load the benchmark and embed its posts and intentions."""
    folder = tmp_path_factory.mktemp("real")
    async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
        rejects = folder / "rejects"
        await load(store, [data / BENCHMARK], rejects=rejects, progress=lambda _, __: None)
        await store.require_model(EMBEDDER.model)
        for kind in (NodeKind.POST, NodeKind.INTENTION):
            unembedded = await store.unembedded(kind, limit=100_000)
            embeddings = await EMBEDDER.embed([text for _, text in unembedded])
            await store.put_embeddings(kind, [i for i, _ in unembedded], embeddings)
        yield store


async def cosines(texts: list[str], asked: str) -> list[float]:
    """Return how similar texts are to what is asked, as halves, rounded to six digits."""
    stored = (await EMBEDDER.embed(texts)).astype(np.float16).astype(np.float64)
    query = (await EMBEDDER.embed([asked]))[0].astype(np.float64)
    dots = (stored * query).sum(axis=1) / np.linalg.norm(stored, axis=1) / np.linalg.norm(query)
    return [round(cosine, 6) for cosine in dots.tolist()]


def judged(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], bool]:
    """Return whether what a post says of a relation was accepted: by one row is enough."""
    found: dict[tuple[str, str, str], bool] = {}
    for row in rows:
        for relation, text in sentences(row).items():
            key = labelled_post(row), relation, text
            label = bool(row["intention_labels"][RELATIONS.index(relation)])
            found[key] = found.get(key, False) or label
    return found


def sentences(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row says, by relation; a frame that nothing follows says nothing."""
    said = {
        relation: plain(normalize("NFKC", row["intentions"].get(f"Intention {place}", "")))
        for place, relation in enumerate(RELATIONS, start=1)
    }
    return {relation: text for relation, text in said.items() if text and text[-7:] != "because"}


# Question 1: posts whose author wants to get followers to attend an event.


@pytest.mark.parametrize("accepted", [None, True, False])
async def test_posts_whose_author_wants_something(
    real: GraphStore, rows: list[dict[str, Any]], accepted: bool | None
) -> None:
    wishes = [
        (post, WANTS.sub("", text))
        for (post, relation, text), label in judged(rows).items()
        if relation == "xWant" and accepted in {None, label}
    ]
    best: dict[str, float] = {}
    for (post, _), cosine in zip(wishes, await cosines([w for _, w in wishes], EVENT), strict=True):
        best[post] = max(cosine, best.get(post, -1.0))
    expected = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    choice = "accepted" if accepted else "rejected"
    where = None if accepted is None else {"annotators": ["miko-release"], "choices": [choice]}

    found: list[tuple[str, float]] = []
    async with client_of(real) as client:
        ask, after = asking(client), None
        for _ in range(3):
            answer = await ask(BY_INTENTION, about=EVENT, where=where, after=after)
            page = answer["data"]["postsByIntention"]
            found += [(edge["node"]["key"], edge["similarity"]) for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break

    assert len(found) > 20
    assert found == expected[: len(found)]
    assert len(found) == min(300, len(expected))


@pytest.mark.parametrize("first", [1, 100, 1000])
async def test_what_the_nearest_posts_are_meant_to_do(
    real: GraphStore, rows: list[dict[str, Any]], first: int
) -> None:
    accepted = {key[:2] for key, label in judged(rows).items() if label}
    passing = {post for post, _ in accepted}
    texts = {p: row["text"] for row in rows if (p := labelled_post(row)) in passing}
    near = dict(zip(texts, await cosines(list(texts.values()), NEW_TEXT), strict=True))
    nearest = set(sorted(near, key=lambda post: (-near[post], post))[:first])
    expected = Counter(relation for post, relation in accepted if post in nearest)

    async with client_of(real) as client:
        answer = await asking(client)(WITHIN, text=NEW_TEXT, first=first)

    table = answer["data"]["facet"]
    assert {one["value"]: one["count"] for one in table["counts"]} == expected
    assert table["total"] == len(nearest) == min(first, len(passing))


# Question 14: for a text that is not in the graph, the nearest posts, their intentions, and why.


@pytest.mark.parametrize("nearest", [1, 20, 100])
@pytest.mark.parametrize("accepted", [False, True])
async def test_what_a_new_text_is_likely_meant_to_do(
    real: GraphStore, rows: list[dict[str, Any]], nearest: int, accepted: bool
) -> None:
    texts = {labelled_post(row): row["text"] for row in rows}
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for (post, relation, text), label in judged(rows).items():
        if label or not accepted:
            said[post].add((relation, text))
    voters = [post for post in texts if said[post]]
    near = dict(zip(voters, await cosines([texts[p] for p in voters], NEW_TEXT), strict=True))
    best = sorted(voters, key=lambda post: (-near[post], post))[:nearest]
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for post in best:
        for relation, text in said[post]:
            votes[relation][text] += near[post]

    where = {"choices": ["accepted"]} if accepted else None
    async with client_of(real) as client:
        answer = await asking(client)(LIKELY, text=NEW_TEXT, nearest=nearest, where=where)

    likely = answer["data"]["likelyIntentions"]
    found = [(one["node"]["key"], one["similarity"]) for one in likely["posts"]]
    assert found == [(post, near[post]) for post in best]
    assert [one["relation"] for one in likely["relations"]] == [r for r in RELATIONS if r in votes]
    for one in likely["relations"]:
        expected = votes[one["relation"]]
        assert one["intentionCount"] == len(expected)
        shown = [intention["vote"] for intention in one["intentions"]]
        assert shown == pytest.approx(sorted(expected.values(), reverse=True)[:100], abs=1e-5)
        for intention in one["intentions"]:
            speaks = [post["node"]["key"] for post in intention["posts"]]
            tail = intention["intention"]["text"]
            holders = [p for p in best if any(t[1].endswith(tail) for t in said[p])]
            assert speaks == holders[:3]
