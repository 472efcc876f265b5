"""Weights, examples, diversity and one result a post, on every backend, as defined by hand.

One graph of forty intentions of few words, which its twelve posts share; no test writes to it.
"""

import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pytest
from contract.conftest import Backend
from numpy.typing import NDArray
from unit.api.conftest import LetterEmbedder, fill

from kg.by_example import Direction, Examples, by_example
from kg.connect import connect
from kg.diversity import Spread
from kg.fusion import Scheme
from kg.pairs import intentions_that_pass
from kg.ranking import SearchHit, Slice, Window
from kg.search import search
from kg.settings import StoreSettings
from kg.store import GraphStore, Vector
from schema.errors import QueryError, UnknownIdError
from schema.graph import EVERYTHING, Batch, Filter, HasIntention
from schema.nodes import Intention, NodeKind, Post
from schema.relations import Relation
from schema.search import Mode

pytestmark = pytest.mark.anyio

KIND: Final = NodeKind.INTENTION
EMBEDDER: Final = LetterEmbedder()
WORDS: Final = "adopt bake cheer dance enjoy feed greet help invite joke".split()
TEXT: Final = "help them adopt and feed"
ALL: Final = Window(100)
WHERE: Final = [
    EVERYTHING,
    Filter(relations=(Relation.X_WANT,)),
    Filter(sources=("a",)),
    Filter(relations=(Relation.OPEN,), none_of=(Filter(sources=("a",)),)),
]
MODES: Final = [Scheme(Mode.SEMANTIC), Scheme(Mode.TEXT), Scheme(Mode.HYBRID)]


def _graph() -> Batch:
    chosen = random.Random(7)  # noqa: S311 it keeps no secret
    texts = [" ".join(chosen.sample(WORDS, chosen.randint(1, 4))) for _ in range(40)]
    relations = (Relation.X_WANT, Relation.O_REACT, Relation.OPEN)
    intentions = {
        i.id: i for n, text in enumerate(texts) for i in [Intention.of(relations[n % 3], text)]
    }
    posts = [Post(f"{'ab'[n % 2]}:{n}", f"post {n}", "ab"[n % 2]) for n in range(12)]
    held = {(chosen.choice(posts).id, i) for i in [*intentions, *intentions] if i[0] > "c"}
    return Batch(
        posts=tuple(posts),
        intentions=tuple(intentions.values()),
        has_intention=tuple(HasIntention(post, i, "raw") for post, i in sorted(held)),
    )


GRAPH: Final = _graph()


@dataclass(frozen=True)
class Known:
    """What the tests know of the graph without asking for a ranking."""

    ids: list[str]
    embeddings: Mapping[str, Vector]

    def cosine(self, node_id: str, query: Vector) -> float:
        stored, asked = self.embeddings[node_id].astype(float), query.astype(float)
        lengths = float(np.linalg.norm(stored) * np.linalg.norm(asked))
        return round(float(np.dot(stored, asked)) / lengths, 6)

    def nearest(self, query: Vector) -> list[str]:
        return sorted(self.ids, key=lambda i: (-self.cosine(i, query), i))


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def graph(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[GraphStore]:
    url = await backend.emptied(tmp_path_factory.mktemp("spread"))
    async with connect(StoreSettings(url=url)) as store:
        await fill(store, GRAPH)
        yield store


@pytest.fixture(scope="module")
async def known(graph: GraphStore) -> Known:
    ids = sorted(i.id for i in GRAPH.intentions)
    stored = await graph.embeddings(KIND, ids)
    return Known(ids, {i: e for i, e in zip(ids, stored, strict=True) if e is not None})


async def found(
    store: GraphStore,
    scheme: Scheme,
    *,
    where: Filter = EVERYTHING,
    window: Window = ALL,
) -> list[SearchHit]:
    page = await search(store, EMBEDDER, TEXT, Slice(KIND, where, window), scheme=scheme)
    return list(page.hits)


def ids_of(hits: Sequence[SearchHit]) -> list[str]:
    return [hit.id for hit in hits]


@pytest.mark.parametrize(("weight", "mode"), [(1.0, Mode.SEMANTIC), (0.0, Mode.TEXT)])
async def test_all_the_weight_on_one_ranker_gives_its_ranking(
    graph: GraphStore, weight: float, mode: Mode
) -> None:
    fused = await found(graph, Scheme(Mode.HYBRID, weight))

    assert len(fused) > 10
    assert ids_of(fused) == ids_of(await found(graph, Scheme(mode)))


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("weight", [0.1, 0.5, 0.8])
async def test_a_score_is_the_sum_of_weighted_reciprocal_ranks(
    graph: GraphStore, weight: float, where: Filter
) -> None:
    near = ids_of(await found(graph, Scheme(Mode.SEMANTIC), where=where))
    match = ids_of(await found(graph, Scheme(Mode.TEXT), where=where))
    expected = {
        i: (2 * weight / (61 + near.index(i)))
        + (2 * (1 - weight) / (61 + match.index(i)) if i in match else 0.0)
        for i in near
    }

    hits = await found(graph, Scheme(Mode.HYBRID, weight), where=where)

    assert {hit.id: hit.score for hit in hits} == pytest.approx(expected)
    assert ids_of(hits) == sorted(expected, key=lambda i: (-round(expected[i], 12), i))
    assert [hit.rank for hit in hits] == list(range(1, len(near) + 1))
    for hit in hits:
        ranks = {place.ranker.value: place.rank for place in hit.places}
        assert ranks["meaning"] == near.index(hit.id) + 1
        assert ranks.get("words") == (match.index(hit.id) + 1 if hit.id in match else None)
        assert sum(place.part or 0 for place in hit.places) == hit.score


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("scheme", MODES[:2])
async def test_a_filter_commutes_with_a_search(
    graph: GraphStore, scheme: Scheme, where: Filter
) -> None:
    passing = set((await graph.ids(KIND, where=where)).ids)
    expected = [i for i in ids_of(await found(graph, scheme)) if i in passing]

    assert expected
    assert ids_of(await found(graph, scheme, where=where)) == expected


@pytest.mark.parametrize("scheme", MODES)
async def test_no_diversity_changes_nothing(graph: GraphStore, scheme: Scheme) -> None:
    plain = await found(graph, scheme)

    assert await found(graph, Scheme(scheme.mode, spread=Spread(0.0))) == plain


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("diversity", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("mode", list(Mode))
async def test_diversity_is_maximal_marginal_relevance(
    graph: GraphStore, known: Known, mode: Mode, diversity: float, where: Filter
) -> None:
    plain = await found(graph, Scheme(mode), where=where)
    fits = [
        {Mode.SEMANTIC: hit.similarity, Mode.TEXT: hit.relevance, Mode.HYBRID: hit.score}[mode]
        for hit in plain
    ]
    greatest = 1.0 if mode is Mode.SEMANTIC else fits[0]
    left = {hit.id: (fit or 0) / (greatest or 1) for hit, fit in zip(plain, fits, strict=True)}
    expected: list[str] = []
    while left:
        margins = {
            i: round(
                (1 - diversity) * fit
                - diversity
                * max((known.cosine(i, known.embeddings[o]) for o in expected), default=0.0),
                9,
            )
            for i, fit in left.items()
        }
        expected.append(max(margins, key=lambda i: margins[i]))  # the first of those that tie
        del left[expected[-1]]

    hits = await found(graph, Scheme(mode, spread=Spread(diversity)), where=where)

    assert ids_of(hits) == expected
    assert [hit.redundancy is None for hit in hits] == [n == 0 for n in range(len(hits))]
    assert {hit.id: hit.rank for hit in hits} == {hit.id: hit.rank for hit in plain}


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("scheme", MODES)
async def test_one_intention_of_each_post_is_the_best_that_is_left(
    graph: GraphStore, scheme: Scheme, where: Filter
) -> None:
    post_ids = (await graph.ids(NodeKind.POST, where=where)).ids
    own = await intentions_that_pass(graph, post_ids, where)
    pairs = [(post, one.id) for post, some in own.items() for one in some]
    plain = ids_of(await found(graph, scheme, where=where))
    expected: list[str] = []
    for node_id in plain:
        posts = {post for post, one in pairs if one == node_id}
        if not any(post in posts for post, one in pairs if one in expected):
            expected.append(node_id)

    hits = await found(graph, Scheme(scheme.mode, spread=Spread(one_per_post=True)), where=where)

    assert 0 < len(expected) < len(plain)
    assert ids_of(hits) == expected


async def test_one_a_post_is_of_intentions_only(graph: GraphStore) -> None:
    scheme = Scheme(Mode.TEXT, spread=Spread(one_per_post=True))

    with pytest.raises(QueryError, match="intentions only"):
        await search(graph, None, "post", Slice(NodeKind.POST), scheme=scheme)


@pytest.mark.parametrize(
    "spread", [Spread(), Spread(0.4), Spread(one_per_post=True), Spread(0.4, one_per_post=True)]
)
@pytest.mark.parametrize("mode", list(Mode))
async def test_pages_joined_are_one_long_page(
    graph: GraphStore, mode: Mode, spread: Spread
) -> None:
    scheme = Scheme(mode, 0.7, spread)
    whole = await found(graph, scheme)

    pages = [await found(graph, scheme, window=Window(3, start)) for start in range(0, 42, 3)]

    assert [hit for page in pages for hit in page] == whole


LIKE: Final = Examples((GRAPH.intentions[0].id, GRAPH.posts[3].id), ("bake and joke", "cheer"))
UNLIKE: Final = Examples((GRAPH.intentions[5].id, GRAPH.intentions[9].id), ("dance",))


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize(
    ("unlike", "weight"), [(Examples(), 0.2), (UNLIKE, 0.2), (UNLIKE, 1.0), (UNLIKE, 0.0)]
)
async def test_examples_are_rocchio_without_themselves(
    graph: GraphStore, known: Known, where: Filter, unlike: Examples, weight: float
) -> None:
    async def mean(examples: Examples) -> NDArray[np.float64]:
        posts = [i for i in examples.ids if ":" in i]
        rows = [e for e in await graph.embeddings(NodeKind.POST, posts) if e is not None]
        rows += [known.embeddings[i] for i in examples.ids if ":" not in i]
        rows += list(await EMBEDDER.embed(examples.texts))
        return np.array(rows, np.float64).sum(axis=0) / max(len(rows), 1)

    towards = await mean(LIKE) - weight * await mean(unlike)
    query = (towards / np.linalg.norm(towards)).astype(np.float32)
    passing = set((await graph.ids(KIND, where=where)).ids) - {*LIKE.ids, *unlike.ids}
    expected = [i for i in known.nearest(query) if i in passing]

    page = await by_example(
        graph, EMBEDDER, Direction(LIKE, unlike, weight), Slice(KIND, where, ALL)
    )

    assert ids_of(page.hits) == expected
    assert [hit.similarity for hit in page.hits] == [known.cosine(i, query) for i in expected]


async def test_pages_of_examples_are_joined_with_none_left_out(graph: GraphStore) -> None:
    async def page(window: Window) -> list[str]:
        direction = Direction(LIKE, UNLIKE)
        wanted = Slice(KIND, window=window)
        return ids_of((await by_example(graph, EMBEDDER, direction, wanted)).hits)

    pages = [await page(Window(4, start)) for start in range(0, 40, 4)]

    assert [node_id for ids in pages for node_id in ids] == await page(ALL)


async def test_order_and_repeats_of_examples_change_nothing(graph: GraphStore) -> None:
    twice = Examples((*reversed(LIKE.ids), *LIKE.ids), (*reversed(LIKE.texts), *LIKE.texts))

    wanted = Slice(KIND, window=ALL)

    once = await by_example(graph, EMBEDDER, Direction(LIKE, UNLIKE), wanted)

    assert await by_example(graph, EMBEDDER, Direction(twice, UNLIKE), wanted) == once


async def test_examples_that_cancel_one_another_are_refused(graph: GraphStore) -> None:
    with pytest.raises(QueryError, match="cancel one another"):
        await by_example(graph, EMBEDDER, Direction(LIKE, LIKE, 1.0), Slice(KIND))


async def test_an_example_that_is_not_there_is_refused(graph: GraphStore) -> None:
    with pytest.raises(UnknownIdError, match="a:404"):
        await by_example(graph, None, Direction(Examples(("a:404",))), Slice(KIND))
