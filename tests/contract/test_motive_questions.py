"""Questions of likeness, divergence and contradiction over real records, beside plain NumPy.

The records are one file of the authors', with the gold labels of its posts. Plain Python compares
what the store holds of every post, one pair at a time.
"""

import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from contract.conftest import Backend
from contract.test_same_answers import MODEL, vectors
from numpy.typing import NDArray
from unit.api.conftest import asking
from vader import polarity_scores

from api.app import create_app
from api.settings import ApiSettings
from ingest.embed import embed
from ingest.load import load
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import EmbeddingModel, GraphStore, HeldIntention, MentionedConcept, Vector
from schema.graph import Aspect, Batch
from schema.nodes import NodeKind, Post
from schema.relations import Relation

pytestmark = pytest.mark.anyio

FOLDER = "miko-working/generation/Multimodal_dataset"
RECORDS = [f"{FOLDER}/missing_data_{n}_intention_make_up.noprompt.jsonl" for n in ("lost", "test")]
Edge = dict[str, Any]


class HashedEmbedder:
    """Embeds a text by numbers drawn from its letters (kg.embedder)."""

    @property
    def model(self) -> EmbeddingModel:
        return MODEL

    async def embed(self, texts: Sequence[str]) -> Vector:
        return vectors(list(texts)) if texts else np.empty((0, MODEL.dimensions), np.float32)


@dataclass(frozen=True)
class Real:
    """A loaded store, and all that plain Python needs of it, by id."""

    store: GraphStore
    posts: Mapping[str, Post]
    held: Mapping[str, list[HeldIntention]]
    mentions: Mapping[str, list[MentionedConcept]]
    about: Mapping[str, frozenset[str]]
    embeddings: Mapping[str, NDArray[np.float64]]

    def of(self, post_id: str, relation: Relation) -> dict[str, str]:
        """Return the texts of a post's intentions of a relation, by id."""
        some = [one.intention for one in self.held[post_id]]
        return {i.id: i.text for i in some if i.relation is relation}

    def cosine(self, one: str, other: str) -> float:
        return cosine(self.embeddings[one], self.embeddings[other])


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def real(
    backend: Backend, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Real]:
    """Load, label and embed the records."""
    folder = tmp_path_factory.mktemp("real")
    async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
        await load(
            store,
            [data / name for name in RECORDS],
            rejects=folder / "rejects",
            progress=lambda _, __: None,
        )
        await label(store, data)
        await embed(store, HashedEmbedder(), progress=lambda _, __: None)
        yield await read(store)


async def label(store: GraphStore, data: Path) -> None:
    """Give each post the gold label of sarcasm that it has in its collection."""
    rows = [r for n in ("train", "test") for r in json.loads((data / f"mmsd/{n}.json").read_text())]
    gold = {f"mmsd:{row['image_id']}": str(row["label"]) for row in rows}
    ids = (await store.ids(NodeKind.POST, limit=1000)).ids
    posts = [post for post in await store.posts(ids) if post is not None and post.id in gold]
    await store.put(Batch(posts=tuple(replace(p, labels={"sarcastic": gold[p.id]}) for p in posts)))


async def read(store: GraphStore) -> Real:
    ids = (await store.ids(NodeKind.POST, limit=1000)).ids
    posts = [post for post in await store.posts(ids) if post is not None]
    held = await store.intentions_of(ids)
    intentions = list({one.intention.id: None for some in held for one in some})
    about = await store.about_of(intentions)
    spoken_of = {
        i: frozenset(link.concept.id for link in links)
        for i, links in zip(intentions, about, strict=True)
    }
    concepts = sorted(frozenset[str]().union(*spoken_of.values()))
    embeddings = [
        *await store.embeddings(NodeKind.INTENTION, intentions),
        *await store.embeddings(NodeKind.CONCEPT, concepts),
    ]
    return Real(
        store,
        {post.id: post for post in posts},
        dict(zip(ids, held, strict=True)),
        dict(zip(ids, await store.mentions_of(ids), strict=True)),
        spoken_of,
        {
            node_id: embedding.astype(np.float64)
            for node_id, embedding in zip([*intentions, *concepts], embeddings, strict=True)
            if embedding is not None
        },
    )


def cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the cosine of two vectors; 0 where one is none."""
    lengths = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    return float(one @ other) / (lengths[0] * lengths[1]) if min(lengths) > 1e-6 else 0.0


async def pages(real: Real, field: str, node: str, limit: int = 10_000) -> list[Edge]:
    """Return the edges of a field's pages up to a limit; no node is on two."""
    query = f"query ($after: String) {{ page: {field} {{ edges {{ node {{ key }} {node} }} "
    query += "pageInfo { hasNextPage endCursor } } }"
    app = create_app(real.store, HashedEmbedder(), ApiSettings())
    edges: list[Edge] = []
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        after = None
        while len(edges) < limit:
            answer = await asking(client)(query, after=after)
            assert "errors" not in answer
            page = answer["data"]["page"]
            edges += page["edges"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
    keys = [edge["node"]["key"] for edge in edges]
    assert len(keys) == len(set(keys))
    return edges


# Question 5: posts where what the author feels and what the audience feels diverge most.


async def test_where_the_feelings_of_author_and_audience_diverge_most(real: Real) -> None:
    expected: list[tuple[float, str, tuple[str, str]]] = []
    for post_id in real.posts:
        pairs = [
            (-round(real.cosine(*pair), 6), *pair)
            for pair in product(
                real.of(post_id, Relation.X_REACT), real.of(post_id, Relation.O_REACT)
            )
        ]
        if pairs:
            value, *best = min(pairs)
            expected.append((-value, post_id, (best[0], best[1])))

    edges = await pages(
        real,
        "postsByDivergence(first: 50, after: $after)",
        "evidence { key } against { key } similarity divergence",
    )

    found = [
        (e["similarity"], e["node"]["key"], (e["evidence"]["key"], e["against"]["key"]))
        for e in edges
    ]
    assert len(expected) > 200
    assert found == sorted(expected)
    assert [e["divergence"] for e in edges] == [round(1 - e["similarity"], 6) for e in edges]


# Question 2: posts with a similar xIntent and a different emotion.


def emotions_of(real: Real, post_id: str) -> set[str]:
    mentioned = real.mentions[post_id]
    return {m.concept.id for m in mentioned if m.mentions.aspect is Aspect.EMOTION}


def nearest_pair(real: Real, asked: str, post_id: str) -> tuple[float, str]:
    """Return the least of (minus the cosine, id) of two posts' xIntents."""
    pairs = product(real.of(asked, Relation.X_INTENT), real.of(post_id, Relation.X_INTENT))
    return min((-round(real.cosine(own, other), 6), other) for own, other in pairs)


async def test_posts_with_a_similar_intent_and_another_emotion(real: Real) -> None:
    asked = next(i for i in sorted(real.posts) if emotions_of(real, i))
    others = [
        i
        for i in real.posts
        if i != asked
        and emotions_of(real, i)
        and not emotions_of(real, i) & emotions_of(real, asked)
        and real.of(i, Relation.X_INTENT)
    ]
    pairs = {i: nearest_pair(real, asked, i) for i in others}
    expected = sorted((value, post_id, other) for post_id, (value, other) in pairs.items())

    edges = await pages(
        real,
        f'postsSharing(id: "{asked}", relation: xIntent, differ: EMOTION, '
        "first: 50, after: $after)",
        "evidence { key } likeness { whole }",
    )

    found = [(-e["likeness"]["whole"], e["node"]["key"], e["evidence"]["key"]) for e in edges]
    assert 10 < len(expected) < len(real.posts) - 1
    assert found == expected


# The same motive about another topic, and the same topic with another motive.


def topics(real: Real, intention_id: str) -> list[str]:
    """Return what an intention is about and its posts mention, or else all that it is about."""
    mentioned = {
        m.concept.id
        for post_id, some in real.held.items()
        if any(one.intention.id == intention_id for one in some)
        for m in real.mentions[post_id]
        if m.mentions.aspect not in (Aspect.ACTION, Aspect.EMOTION)
    }
    about = real.about[intention_id]
    return sorted(about & mentioned or about)


def mean(real: Real, ids: Iterable[str]) -> NDArray[np.float64]:
    return np.mean([real.embeddings[i] for i in ids], axis=0)


def parts(real: Real, intention_id: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the motive and the topic of an intention, by least squares."""
    sample = sorted(real.about)[:256]
    whole = real.embeddings[intention_id] - mean(real, sample)
    common = mean(real, frozenset[str]().union(*(real.about[i] for i in sample)))
    span = [real.embeddings[uri] - common for uri in topics(real, intention_id)]
    if not span:
        return whole, np.zeros_like(whole)
    topic = np.array(span).T @ np.linalg.lstsq(np.array(span).T, whole, rcond=1e-3)[0]
    return whole - topic, topic


def all_topics(real: Real, post_id: str) -> set[str]:
    """Return what a post mentions but emotions, and what its xIntents are about."""
    mentioned = {m.concept.id for m in real.mentions[post_id]} - emotions_of(real, post_id)
    own = [real.about[i] for i in real.of(post_id, Relation.X_INTENT)]
    return mentioned.union(*own)


@pytest.mark.parametrize(("part", "place"), [("MOTIVE", 0), ("TOPIC", 1)])
async def test_intentions_that_share_a_motive_or_a_topic(real: Real, part: str, place: int) -> None:
    by_id = {one.intention.id: one.intention for some in real.held.values() for one in some}
    same = [i.id for i in by_id.values() if i.relation is Relation.X_WANT]
    asked = min(i for i in same if real.about[i])
    expected = {
        i: cosine(parts(real, asked)[place], parts(real, i)[place]) for i in same if i != asked
    }

    edges = await pages(
        real,
        f'intentionsSharing(id: "{asked}", part: {part}, where: {{relations: [xWant]}}, '
        "first: 50, after: $after)",
        "likeness { motive topic }",
    )

    found = {e["node"]["key"]: e["likeness"][part.lower()] for e in edges}
    assert len(expected) > 200
    assert found == pytest.approx(expected, abs=1e-6)
    assert list(found) == sorted(found, key=lambda i: (-found[i], i))


async def test_posts_with_the_same_motive_about_another_topic(real: Real) -> None:
    asked = max(real.posts, key=lambda i: (len(all_topics(real, i)), i))
    (own,) = real.of(asked, Relation.X_INTENT)
    expected = {
        i: max(cosine(parts(real, own)[0], parts(real, other)[0]) for other in intents)
        for i in real.posts
        if (intents := real.of(i, Relation.X_INTENT))
        and all_topics(real, i)
        and not all_topics(real, i) & all_topics(real, asked)
    }

    edges = await pages(
        real,
        f'postsSharing(id: "{asked}", relation: xIntent, part: MOTIVE, differ: TOPIC, '
        "first: 50, after: $after)",
        "asked { key } likeness { motive }",
    )

    found = {e["node"]["key"]: e["likeness"]["motive"] for e in edges}
    assert 10 < len(expected) < len(real.posts) - 1
    assert found == pytest.approx(expected, abs=1e-6)
    assert list(found) == sorted(found, key=lambda i: (-found[i], i))
    assert {e["asked"]["key"] for e in edges} == {own}


# Question 6: posts that make others report or feel disgusted, with the evidence.


async def test_posts_that_make_others_report_or_feel_disgusted(real: Real) -> None:
    (asked,) = vectors(["report the post, feel disgusted"])
    expected: list[tuple[float, str, str]] = []
    for post_id in real.posts:
        own = real.of(post_id, Relation.O_WANT) | real.of(post_id, Relation.O_REACT)
        cosines = [
            (-round(cosine(asked.astype(np.float64), real.embeddings[i]), 6), i) for i in own
        ]
        if cosines:
            value, best = min(cosines)
            expected.append((value, post_id, best))

    edges = await pages(
        real,
        'postsByIntention(relations: [oWant, oReact], about: "report the post, feel disgusted", '
        "first: 50, after: $after)",
        "evidence { key relation } similarity",
    )

    found = [(-e["similarity"], e["node"]["key"], e["evidence"]["key"]) for e in edges]
    assert len(expected) > 200
    assert found == sorted(expected)
    assert {e["evidence"]["relation"] for e in edges} == {"oWant", "oReact"}


# Question 7: posts labelled sarcastic whose intention contradicts the literal sentiment.


@pytest.mark.parametrize(("label", "least"), [("1", 5), ("0", 10)])
async def test_posts_of_a_label_whose_intention_contradicts_what_they_say(
    real: Real, label: str, least: int
) -> None:
    expected: list[tuple[float, str, str, float, float]] = []
    for post_id, post in real.posts.items():
        said = polarity_scores(post.text)["compound"]
        own = real.of(post_id, Relation.X_REACT) | real.of(post_id, Relation.X_INTENT)
        meant = {i: polarity_scores(text)["compound"] for i, text in own.items()}
        opposite = [
            (-round(abs(said - value), 4), post_id, i, said, value)
            for i, value in meant.items()
            if said * value < 0 and abs(said) >= 0.05 and abs(value) >= 0.05
        ]
        if post.labels.get("sarcastic") == label and opposite:
            expected.append(min(opposite))

    edges = await pages(
        real,
        f'postsByContradiction(where: {{labels: [{{name: "sarcastic", value: "{label}"}}]}}, '
        "first: 50, after: $after)",
        "evidence { key } said meant difference",
    )

    found = [
        (-e["difference"], e["node"]["key"], e["evidence"]["key"], e["said"], e["meant"])
        for e in edges
    ]
    assert len(expected) > least
    assert found == sorted(expected)
