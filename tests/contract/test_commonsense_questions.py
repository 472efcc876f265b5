"""Questions 10 and 13 over real records: paths into commonsense, and what ATOMIC would predict.

Each answer is as plain Python has it: what is related is read from the files themselves
(unit.ingest.plain_counts), and every path and every cosine is tried.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from contract.conftest import Backend
from numpy.typing import NDArray
from unit.api.conftest import LetterEmbedder, asking, client_of
from unit.ingest.plain_counts import Triple, atomic, cn100k

from api.settings import ApiSettings
from ingest.load import load
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore
from kg.wording import RELATIONS
from schema.nodes import NodeKind, text_of_uri
from schema.relations import Relation

pytestmark = pytest.mark.anyio

BENCHMARK: Final = "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
POSTS: Final = 200
HEADS: Final = 300
PATIENT: Final = ApiSettings(traversal_timeout_s=60, cost_limit=1_000_000)
SAID_BY: Final = {
    "atomic": {"source": "atomic", "licence": "CC BY 4.0", "weight": 1.0},
    "cn100k": {"source": "cn100k", "licence": "CC BY-SA 4.0", "weight": 1.0},
}
NAMES: Final = {"atomic": "ATOMIC", "cn100k": "CN-100K"}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def files(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder like the one of the real files, with a part of them."""
    folder = tmp_path_factory.mktemp("files")
    for name in ("atomic", "conceptnet"):
        (folder / name).mkdir()
    with (data / BENCHMARK).open(encoding="utf-8") as file:
        (folder / "posts.jsonl").write_text("".join(islice(file, POSTS)), "utf-8")
    lines = [
        line
        for name in ("valid.txt", "test.txt")
        for line in (data / "atomic" / name).read_text("utf-8").splitlines(keepends=True)
    ]
    heads = set(islice(dict.fromkeys(line.partition("\t")[0] for line in lines), HEADS))
    kept = [line for line in lines if line.partition("\t")[0] in heads]
    (folder / "atomic/part.txt").write_text("".join(kept), "utf-8")
    for name in ("train.txt", "valid.txt", "test.txt"):
        whole = (data / "conceptnet" / name).read_text("utf-8").splitlines(keepends=True)
        (folder / "conceptnet" / name).write_text("".join(whole[:1000]), "utf-8")
    return folder


@pytest.fixture(scope="module")
async def real(
    backend: Backend, files: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[GraphStore]:
    """Load them, with an embedding for each node."""
    folder = tmp_path_factory.mktemp("real")
    paths = [files / "posts.jsonl", *sorted(files.glob("*/*.txt"))]
    embedder = LetterEmbedder()
    async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
        await load(store, paths, rejects=folder / "rejects", progress=lambda _, __: None)
        await store.require_model(embedder.model)
        for kind in NodeKind:
            rows = await store.unembedded(kind, limit=100_000)
            embeddings = await embedder.embed([text for _, text in rows])
            await store.put_embeddings(kind, [node_id for node_id, _ in rows], embeddings)
        yield store


@pytest.fixture(scope="module")
def related(files: Path) -> set[Triple]:
    """Return what the files relate to each other."""
    every = set(atomic(files)) | set(cn100k(files))
    return {t for t in every if t.head and t.tail and t.head != t.tail}


async def asked(store: GraphStore, query: str, **variables: Any) -> Any:
    async with client_of(store, PATIENT) as client:
        answer = await asking(client)(query, **variables)
    assert "errors" not in answer
    return answer["data"]


# Question 10: paths from a post to the commonsense around what its intentions speak of.

PATHS = """
query ($id: ID!) {
  paths(from: $id, toKind: CONCEPT, lastType: RELATED, types: [HAS_INTENTION, ABOUT, RELATED],
        hops: 3, fanOut: 1000, frontier: 5000, first: 100) {
    cut
    paths { confidence steps { startKey endKey relation forward reason
                               assertions { source licence weight } } }
  }
}
"""
Way = tuple[float, int, tuple[str, ...], tuple[str, ...]]


def either_way(related: Iterable[Triple]) -> dict[str, list[tuple[str, str]]]:
    """Return for each concept its neighbours, each with the arc that leads there."""
    neighbours: dict[str, list[tuple[str, str]]] = {}
    for head, relation, tail, _ in related:
        neighbours.setdefault(str(head), []).append((f"RELATED>{relation}", str(tail)))
        neighbours.setdefault(str(tail), []).append((f"RELATED<{relation}", str(head)))
    return neighbours


async def ways_of(store: GraphStore, post_id: str, related: Iterable[Triple]) -> list[Way]:
    """Return the best way to each concept within three hops, in the order of paths."""
    neighbours = either_way(related)
    (held,) = await store.intentions_of([post_id])
    about = await store.about_of([one.intention.id for one in held])
    ways: list[Way] = []
    for one, linked in zip(held, about, strict=True):
        sure = 0.9 if one.has.plausibility is None else max(0.01, one.has.plausibility)
        arc = f"HAS_INTENTION>{one.intention.relation}"
        for link in linked:
            ids = (post_id, one.intention.id, link.concept.id)
            arcs = (arc, f"ABOUT>{link.about.method}")
            confidence = sure * link.about.confidence
            ways.append((-round(confidence, 9), 2, ids, arcs))
            ways += [
                (-round(confidence / 2, 9), 3, (*ids, other), (*arcs, last))
                for last, other in neighbours.get(link.concept.id, ())
            ]
    best: dict[str, Way] = {}
    for way in sorted(ways):
        best.setdefault(way[2][-1], way)
    return [way for way in sorted(best.values()) if way[3][-1].startswith("RELATED")]


async def test_paths_from_a_post_into_commonsense(real: GraphStore, related: set[Triple]) -> None:
    found: list[Way] = []
    expected: list[Way] = []
    for post_id in (await real.ids(NodeKind.POST, limit=20)).ids:
        answer = (await asked(real, PATHS, id=post_id))["paths"]
        assert answer["cut"] == []
        for path in answer["paths"]:
            steps = path["steps"]
            found.append(
                (
                    -round(path["confidence"], 9),
                    len(steps),
                    (post_id, *(step["endKey"] for step in steps)),
                    tuple(
                        f"{kind}{'>' if step['forward'] else '<'}{step['relation']}"
                        for kind, step in zip(
                            ("HAS_INTENTION", "ABOUT", "RELATED"), steps, strict=True
                        )
                    ),
                )
            )
        expected += (await ways_of(real, post_id, related))[:100]

    assert len(expected) > 100
    assert found == expected


async def test_each_step_into_commonsense_has_its_reason_and_its_licence(
    real: GraphStore, related: set[Triple]
) -> None:
    seen: set[str] = set()
    for post_id in (await real.ids(NodeKind.POST, limit=5)).ids:
        for path in (await asked(real, PATHS, id=post_id))["paths"]["paths"]:
            said, linked, last = path["steps"]
            ends = last["startKey"], last["endKey"]
            head, tail = ends if last["forward"] else reversed(ends)
            sources = sorted(t.source for t in related if t[:3] == (head, last["relation"], tail))
            grounds = [f"{NAMES[s]}, weight 1, {SAID_BY[s]['licence']}" for s in sources]
            seen.update(sources)

            assert said["reason"].startswith("the post “")
            assert said["reason"].endswith(f" ({said['relation']}: {gloss(said['relation'])})")
            assert "” speaks of “" in linked["reason"]
            assert last["assertions"] == [SAID_BY[source] for source in sources]
            assert last["reason"] == (
                f"“{text_of_uri(head)}” {RELATIONS[last['relation']]} “{text_of_uri(tail)}” "
                f"({'; '.join([last['relation'], *grounds])})"
            )
            assert said["assertions"] == linked["assertions"] == []

    assert seen == {"atomic", "cn100k"}


def gloss(relation: str) -> str:
    return Relation(relation).about.gloss


# Question 13: what ATOMIC would predict for a post and the graph lacks, and the reverse.

COMPARED = """
query ($of: Example!, $heads: Int!, $similarity: Float!) {
  commonsensePrediction(of: $of, heads: $heads, similarity: $similarity) {
    predictedCount lackingCount unforeseenCount
    events { similarity event { key } }
    predicted(first: 100) {
      relation isThere similarity eventCount tail { key }
      nearest { similarity intention { key } }
      evidence(first: 50) { similarity event { key } }
    }
    lacking(first: 100) { relation tail { key } }
    unforeseen(first: 100) { intention { key } nearest { similarity tail { key } } }
  }
}
"""
ABOUT_AS_MUCH: Final = 0.85
"""Between short tails and long intentions, by their letters: some are nearer, most are not."""


async def cosines(texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float64]:
    """Return the cosine of each text and each other one, as halves have it."""
    one, other = [
        (await LetterEmbedder().embed(some)).astype(np.float16).astype(np.float64)
        for some in (texts, others)
    ]
    lengths = [np.linalg.norm(some, axis=1) for some in (one, other)]
    return (one @ other.T / np.outer(*lengths)).round(6)


async def nearest_heads(text: str, heads: Sequence[str], count: int) -> list[tuple[str, float]]:
    (row,) = await cosines([text], [text_of_uri(head) for head in heads])
    order = np.lexsort((np.arange(len(heads)), -row))[:count]
    return [(heads[int(place)], float(row[place])) for place in order]


async def comparison(
    store: GraphStore, post_id: str, related: Iterable[Triple], count: int
) -> dict[str, Any]:
    """Return what is asked by COMPARED, from every cosine."""
    (post,) = await store.posts([post_id])
    (held,) = await store.intentions_of([post_id])
    assert post is not None
    said = {one.intention.id: one.intention for one in held if one.intention.relation != "open"}
    known = [t for t in related if t.source == "atomic"]
    near = await nearest_heads(post.text, sorted({str(t.head) for t in known}), count)
    tails: dict[tuple[str, str], list[str]] = {}
    for head, _ in near:
        for relation, tail in sorted({(t.relation, str(t.tail)) for t in known if t.head == head}):
            tails.setdefault((relation, tail), []).append(head)
    places = {relation.value: place for place, relation in enumerate(Relation)}
    similar = dict(near)
    order = sorted(
        tails,
        key=lambda tail: (
            -similar[tails[tail][0]],
            -len(tails[tail]),
            places[tail[0]],
            tail[1],
        ),
    )
    own = sorted(said.values(), key=lambda one: (places[one.relation], one.id))
    table = await cosines([text_of_uri(tail) for _, tail in order], [one.text for one in own])
    same = np.array([[one.relation == relation for one in own] for relation, _ in order])
    table = np.where(same, table, -2)
    predicted: list[dict[str, Any]] = []
    for (relation, tail), row in zip(order, table, strict=True):
        nearest, best = min(
            zip((one.id for one in own), row, strict=True), key=lambda hit: (-hit[1], hit[0])
        )
        predicted.append(
            {
                "relation": relation,
                "isThere": bool(best >= ABOUT_AS_MUCH),
                "similarity": similar[tails[relation, tail][0]],
                "eventCount": len(tails[relation, tail]),
                "tail": {"key": tail},
                "nearest": None
                if best == -2
                else {"similarity": best, "intention": {"key": nearest}},
                "evidence": [
                    {"similarity": similar[head], "event": {"key": head}}
                    for head in tails[relation, tail]
                ],
            }
        )
    unforeseen: list[dict[str, Any]] = []
    for one, column in zip(own, table.T, strict=True):
        nearest, best = min(
            zip((tail for _, tail in order), column, strict=True),
            key=lambda hit: (-hit[1], hit[0]),
        )
        if best < ABOUT_AS_MUCH:
            shown = None if best == -2 else {"similarity": best, "tail": {"key": nearest}}
            unforeseen.append({"intention": {"key": one.id}, "nearest": shown})
    lacking = [
        {"relation": one["relation"], "tail": one["tail"]}
        for one in predicted
        if not one["isThere"]
    ]
    return {
        "predictedCount": len(predicted),
        "lackingCount": len(lacking),
        "unforeseenCount": len(unforeseen),
        "events": [{"similarity": value, "event": {"key": head}} for head, value in near],
        "predicted": predicted[:100],
        "lacking": lacking[:100],
        "unforeseen": unforeseen[:100],
    }


async def test_what_atomic_predicts_for_a_post_and_what_it_lacks(
    real: GraphStore, related: set[Triple]
) -> None:
    there = lacking = foreseen = unforeseen = 0
    for post_id in (await real.ids(NodeKind.POST, limit=20)).ids:
        expected = await comparison(real, post_id, related, count=8)

        found = (
            await asked(real, COMPARED, of={"id": post_id}, heads=8, similarity=ABOUT_AS_MUCH)
        )["commonsensePrediction"]

        assert found == expected
        there += found["predictedCount"] - found["lackingCount"]
        lacking += found["lackingCount"]
        unforeseen += found["unforeseenCount"]
        (held,) = await real.intentions_of([post_id])
        own = {one.intention.id for one in held if one.intention.relation != "open"}
        foreseen += len(own) - found["unforeseenCount"]
    assert min(there, lacking, foreseen, unforeseen) > 5


async def test_for_a_text_the_same_is_predicted_and_all_of_it_is_lacking(
    real: GraphStore,
) -> None:
    (post_id, *_) = (await real.ids(NodeKind.POST, limit=1)).ids
    (post,) = await real.posts([post_id])
    assert post is not None
    asks = {"heads": 8, "similarity": ABOUT_AS_MUCH}
    of_post = (await asked(real, COMPARED, of={"id": post_id}, **asks))["commonsensePrediction"]

    of_text = (await asked(real, COMPARED, of={"text": post.text}, **asks))["commonsensePrediction"]

    assert [one["tail"] for one in of_text["predicted"]] == [
        one["tail"] for one in of_post["predicted"]
    ]
    assert of_text["lackingCount"] == of_text["predictedCount"] == of_post["predictedCount"]
    assert of_text["unforeseen"] == []
