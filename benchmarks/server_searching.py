"""Search and traversal in Neo4j at the paper's scale, beside the same Cypher by the bare driver."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import neo4j

from benchmarks.exact import Exact
from benchmarks.generated import PAPER_INTENTIONS, Generated, post_id
from benchmarks.loading import generated, is_there
from benchmarks.loading import settings as embedded
from benchmarks.questioned import questioned
from benchmarks.recorded import RecordedDatabase, send
from benchmarks.report import section, table
from benchmarks.searching import CASES, KIND, QUERIES, K
from benchmarks.server_loading import OURS, loaded
from benchmarks.servers import WHOLE, folder, serving
from benchmarks.timing import Times, in_turns
from benchmarks.traversing import HOPS
from kg.connect import connect
from kg.neo4j.database import Address
from kg.neo4j.store import Neo4jStore
from kg.store import GraphStore, Vector
from schema.graph import Filter
from schema.relations import Relation


async def main() -> None:
    """Measure and report."""
    graph = Generated(PAPER_INTENTIONS)
    if not is_there(PAPER_INTENTIONS):
        await generated(PAPER_INTENTIONS)
    if not (folder(OURS, PAPER_INTENTIONS) / WHOLE).exists():
        await loaded(PAPER_INTENTIONS)
    async with (
        serving(folder(OURS, PAPER_INTENTIONS)) as served,
        neo4j.AsyncGraphDatabase.driver(served.url) as driver,  # pyright: ignore[reportUnknownMemberType] its own
        connect(served) as ours,
        connect(embedded(PAPER_INTENTIONS)) as other,
    ):
        for store in (ours, other):  # the same graph, whatever was measured before
            await questioned(store, graph)
        asked = Asked(await RecordedDatabase.at(driver, Address(served.url)), driver)
        found = await _found(asked, graph.queries(QUERIES))
        words = await _words(asked, graph.phrases(QUERIES))
        walked = await _walked(asked, other, graph.posts)
    section(
        "neo4j-search",
        "Search and traversal in Neo4j at the paper's scale",
        f"{PAPER_INTENTIONS:,} generated intentions, {QUERIES} queries that are not among them, "
        "one at a time, against exact search; the graph has the mentions and the commonsense of "
        "the questions below. The bare driver sends the same Cypher with the same parameters and "
        "reads every row; the two are asked in turns.",
        table(
            ["filter", "recall@10", "asked", "p50 / p95 ms", "bare p50", "ratio, asked ≤ 1.3"],
            found,
        ),
        table(["", "p50 / p95 ms", "bare p50", "ratio"], words),
        f"Four hops from each of {QUERIES} posts, fan-out 100, frontier 100: each answer that of "
        "the embedded store.",
        table(
            ["p50 / p95 ms, asked ≤ 10", "statements, at most", "bare p50", "embedded p50"],
            [walked],
        ),
    )


class Asked:
    """A store, and the bare driver to send again what the store sent last."""

    def __init__(self, database: RecordedDatabase, driver: neo4j.AsyncDriver) -> None:
        self.store: GraphStore = Neo4jStore(database)
        self.sent = database.sent
        self._driver = driver

    async def ask(self, question: Awaitable[Any]) -> Any:
        """Ask the store, and note what it sends."""
        self.sent.clear()
        return await question

    async def bare(self, _: object) -> None:
        """Send the same."""
        await send(self._driver, self.sent)


async def _found(asked: Asked, queries: Vector) -> list[list[object]]:
    exact = Exact(embedded(PAPER_INTENTIONS).url)
    groups = [exact.keys(sql) if sql else None for _, _, sql, _ in CASES]
    truth = exact.nearest(queries, K, groups)
    rows: list[list[object]] = []
    for (name, where, _, least), nearest in zip(CASES, truth, strict=True):
        right = 0
        for query, keys in zip(queries, nearest, strict=True):
            hits = await asked.store.nearest(KIND, query, K, where)
            right += len(exact.ids(keys) & {hit.id for hit in hits})

        async def ask(query: Any, where: Filter = where) -> None:
            await asked.ask(asked.store.nearest(KIND, query, K, where))

        ours, bare = await in_turns(list(queries), ask, asked.bare)
        recall = f"{right / (K * len(queries)):.3f}"
        rows.append([name, recall, least, *_compared(ours, bare)])
    return rows


async def _words(asked: Asked, phrases: Sequence[str]) -> list[list[object]]:
    async def text(phrase: str) -> None:
        await asked.ask(asked.store.match(KIND, phrase, K))

    async def filtered(phrase: str) -> None:
        where = Filter(relations=(Relation.X_WANT,))
        await asked.ask(asked.store.match(KIND, phrase, K, where))

    rows: list[list[object]] = []
    cases: tuple[tuple[str, Callable[[str], Awaitable[None]]], ...] = (
        ("text", text),
        ("text, a relation (10 %)", filtered),
    )
    for name, ask in cases:
        ours, bare = await in_turns(phrases, ask, asked.bare)
        rows.append([name, *_compared(ours, bare)])
    return rows


async def _walked(asked: Asked, other: GraphStore, posts: int) -> list[object]:
    step = posts // QUERIES
    numbers = range(0, step * QUERIES, step)
    statements = 0
    for number in numbers:
        one = await asked.ask(asked.store.traverse(post_id(number), HOPS))
        statements = max(statements, len(asked.sent))
        assert one == await other.traverse(post_id(number), HOPS)

    async def walk(number: int) -> None:
        await asked.ask(asked.store.traverse(post_id(number), HOPS))

    async def embedded_walk(number: int) -> None:
        await other.traverse(post_id(number), HOPS)

    ours, bare, theirs = await in_turns(numbers, walk, asked.bare, embedded_walk)
    return [ours, statements, f"{bare.p50:.2f}", f"{theirs.p50:.2f}"]


def _compared(ours: Times, bare: Times) -> list[object]:
    return [ours, f"{bare.p50:.2f}", f"{ours.p50 / bare.p50:.2f}"]
