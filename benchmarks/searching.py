"""Search at the paper's scale: recall against exact search, and time against the bare index."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np

from benchmarks.exact import Exact, Keys
from benchmarks.generated import PAPER_INTENTIONS, Generated
from benchmarks.loading import generated, is_there, settings
from benchmarks.report import section, table
from benchmarks.timing import in_turns
from kg.connect import connect
from kg.embedder import Embedder
from kg.ranking import Slice
from kg.search import search
from kg.sqlite.selected import Selected
from kg.sqlite.vectors import EXACT_LIMIT, probes_for
from kg.store import EmbeddingModel, GraphStore, Vector
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind
from schema.relations import Relation

K: Final = 10
QUERIES: Final = 200
KIND: Final = NodeKind.INTENTION
LABELLED: Final = (
    "SELECT h.intention FROM post_label AS l JOIN has_intention AS h ON h.post = l.post "
    "WHERE l.name = '{}'"
)
CASES: Final = (
    ("none", EVERYTHING, None, 0.97),
    (
        "10 %, a relation",
        Filter(relations=(Relation.X_WANT,)),
        "SELECT key FROM intention WHERE relation = 0",
        0.98,
    ),
    ("1 %, a label", Filter(labels=(("one_in_100", "1"),)), LABELLED.format("one_in_100"), 0.99),
    ("0.1 %, a label", Filter(labels=(("one_in_1000", "1"),)), LABELLED.format("one_in_1000"), 1.0),
)


class Prepared:
    """An embedder that knows one vector: what is measured is the search."""

    def __init__(self, vector: Vector) -> None:
        self._vector = vector

    @property
    def model(self) -> EmbeddingModel:
        """Of the generated graph."""
        return EmbeddingModel("generated", "1", len(self._vector))

    async def embed(self, texts: Sequence[str]) -> Vector:
        """Return the vector."""
        return np.repeat(self._vector[None], len(texts), axis=0)


async def main() -> None:
    """Measure and report."""
    graph = Generated(PAPER_INTENTIONS)
    if not is_there(PAPER_INTENTIONS):
        await generated(PAPER_INTENTIONS)
    queries = graph.queries(QUERIES)
    exact = Exact(settings(PAPER_INTENTIONS).url)
    groups = [exact.keys(sql) if sql else None for _, _, sql, _ in CASES]
    truth = exact.nearest(queries, K, groups)
    async with connect(settings(PAPER_INTENTIONS)) as store:
        rows = [
            await _case(store, exact, queries, case, group, found)
            for case, group, found in zip(CASES, groups, truth, strict=True)
        ]
        words = await _words(store, graph)
    head = ["filter", "recall@10", "asked", "p50 / p95 ms", "bare FAISS p50", "ratio, asked ≤ 2"]
    section(
        "search",
        "Search at the paper's scale",
        f"{PAPER_INTENTIONS:,} generated intentions, {QUERIES} queries that are not among "
        "them, one at a time. The bare call has the same file, lists probed and filter (all "
        "lists where the store compares one by one), and gives keys without ids or exact cosines; "
        "the two are asked in turns.",
        table(head, rows),
        "Queries of one to four of the hundred commonest words; hybrid adds the vector of the "
        "query, its embedding not counted.",
        table(["", "p50 / p95 ms", "asked p50"], words),
    )


async def _case(
    store: GraphStore,
    exact: Exact,
    queries: Vector,
    case: tuple[str, Filter, str | None, float],
    group: Keys | None,
    truth: Any,
) -> list[object]:
    name, where, _, asked = case
    answers = [await store.nearest(KIND, query, K, where) for query in queries]
    right = [
        len(exact.ids(keys) & {hit.id for hit in answer}) / K
        for keys, answer in zip(truth, answers, strict=True)
    ]
    bare = Bare(exact.path, group)

    async def ask(query: Vector) -> None:
        await store.nearest(KIND, query, K, where)

    async def ask_bare(query: Vector) -> None:
        bare.search(query)

    ours, theirs = await in_turns(list(queries), ask, ask_bare)
    ratio = ours.p50 / theirs.p50
    recall = f"{np.mean(right):.3f}"
    return [name, recall, asked, ours, f"{theirs.p50:.2f}", f"{ratio:.2f}"]


class Bare:
    """The index file, searched by FAISS alone with the settings that the store has."""

    def __init__(self, database: Path, group: Keys | None) -> None:
        file = database.with_name(f"{database.name}.index") / "intention.faiss"
        self._index: Any = faiss.read_index(str(file), faiss.IO_FLAG_MMAP)
        self._settings: Any = faiss.SearchParametersIVF()
        self._settings.nprobe = probes_for(self._index, 1.0)
        if group is not None:
            exact = len(group) <= EXACT_LIMIT
            self._bits = Selected.of(group).bits
            self._chosen = faiss.IDSelectorBitmap(len(self._bits), faiss.swig_ptr(self._bits))
            self._settings.sel = self._chosen
            probes = probes_for(self._index, len(group) / self._index.ntotal)
            self._settings.nprobe = self._index.nlist if exact else probes

    def search(self, query: Vector) -> None:
        """Search once."""
        self._index.search(query[None], K, params=self._settings)


async def _words(store: GraphStore, graph: Generated) -> list[list[object]]:
    phrases = graph.phrases(QUERIES)
    vector = graph.queries(1)[0]
    embedder: Embedder = Prepared(vector)

    async def text(phrase: str) -> None:
        await store.match(KIND, phrase, K)

    async def filtered(phrase: str) -> None:
        await store.match(KIND, phrase, K, Filter(relations=(Relation.X_WANT,)))

    async def labelled(phrase: str) -> None:
        await store.match(KIND, phrase, K, Filter(labels=(("one_in_1000", "1"),)))

    async def hybrid(phrase: str) -> None:
        await search(store, embedder, phrase, Slice(KIND))

    times = await in_turns(phrases, text, filtered, labelled, hybrid)
    names = ("text", "text, a relation (10 %)", "text, a label (0.1 %)", "hybrid")
    asked = ("≤ 5", "", "", "≤ 10")
    return [[n, t, a] for n, t, a in zip(names, times, asked, strict=True)]
