"""Searches and lists over HTTP: MIKO beside @neo4j/graphql and txtai, on the same rows."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import httpx
import numpy as np
import orjson

from benchmarks import peer_servers
from benchmarks.exact import Exact
from benchmarks.generated import MODEL, Generated
from benchmarks.loading import generated, is_there, settings
from benchmarks.peer_requests import (
    CASES,
    LABEL_TEXT,
    LISTS,
    MIKO_POSTS,
    NEO4J_POSTS,
    Asking,
    Case,
    GraphQL,
    K,
    Miko,
    Neo4jCypher,
    Neo4jVector,
    Txtai,
)
from benchmarks.report import section, table
from benchmarks.server_loading import OURS, parts, put
from benchmarks.servers import WHOLE, folder, serving
from benchmarks.timing import Times, in_turns
from kg.connect import connect
from kg.store import Vector

INTENTIONS: Final = 20_000
QUERIES: Final = 100
TRIED: Final = 20
"""Queries by which candidates are chosen."""

CANDIDATES: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
ALL_LISTS: Final = 566
"""No fewer than the lists that txtai makes of so many rows, at most 4 √n."""

NEAR: Final = 0.005
"""Recall that is less by no more than this counts as equal."""

Truth = Sequence[set[str]]


class Systems:
    """What is asked, each at its address."""

    def __init__(self, client: httpx.AsyncClient, urls: Mapping[str, str], queries: Vector) -> None:
        self.embedded = Miko(client, urls["embedded"])
        self.server = Miko(client, urls["server"])
        self.vector = Neo4jVector(client, urls["graphql"], queries)
        self.cypher = Neo4jCypher(client, urls["graphql"], queries)
        self.txtai = Txtai(client, urls["txtai"])
        self.all_lists = Txtai(client, urls["all lists"])


async def main() -> None:
    """Measure and report."""
    graph = Generated(INTENTIONS)
    await _prepare(graph)
    truths = _truths(graph.queries(QUERIES))
    async with _serving(graph.queries(QUERIES)) as systems:
        found = [
            row
            for case, truth in zip(CASES, truths, strict=True)
            for row in await _searched(systems, case, truth)
        ]
        lists = [await _listed(systems, *one) for one in LISTS]
    _report(found, lists)


def _report(found: list[list[object]], lists: list[list[object]]) -> None:
    section(
        "api-peers",
        "GraphQL beside @neo4j/graphql and txtai",
        f"{INTENTIONS:,} generated intentions, {QUERIES} queries that are not among them, {K} hits "
        "of fifteen values each, over HTTP by one client, one at a time, all systems in turns, "
        "each server a process of its own. MIKO is asked once with the graph in its embedded store "
        "and once in Neo4j; @neo4j/graphql 7.6.3 (Apollo Server 5.5.1, Node) works on that same "
        "Neo4j, its rows and its vector index; txtai 9.14.0 (its own API, FAISS and SQLite) has "
        "the same texts, relations, labels and vectors. No text is embedded: MIKO's and txtai's "
        "servers are given the queries' vectors, @neo4j/graphql is sent them, 8 kB each. MIKO "
        "besides makes cursors, and holds pages to the graph's version, computes similarities from "
        "the stored embeddings, and orders ties; txtai has neither posts nor relationships: the "
        "label of an intention's post is a column of its.",
        "`@vector` takes no number of hits: it asks the index for 4, and filters these. The field "
        "by `@cypher` is made by hand, and txtai's number of candidates too: both filter what the "
        "index gives, so they are given the fewest candidates (of 50, 100, 200, 500 … 20,000) at "
        f"which recall on {TRIED} queries is that of MIKO, the lower of its two, less {NEAR}; with "
        "all of FAISS's lists searched, since its default search misses what a filter lets pass.",
        table(["filter", "system", "candidates", "hits", "recall@50", "p50 / p95 ms"], found),
        "What @neo4j/graphql is made for: a filtered list by rising id, the same page each time.",
        table(
            ["", "MIKO, embedded", "MIKO, Neo4j", "@neo4j/graphql", "its p50 is … times MIKO's"],
            lists,
        ),
    )


async def _searched(systems: Systems, case: Case, truth: Truth) -> list[list[object]]:
    """Return a row of the table for each system."""
    least = min([await _tried(s, case, truth) for s in (systems.embedded, systems.server)]) - NEAR
    for one in (systems.cypher, systems.all_lists):
        await _choose_candidates(one, case, truth, least)
    named: list[tuple[str, Asking, object]] = [
        ("MIKO, embedded", systems.embedded, ""),
        ("MIKO, Neo4j", systems.server, ""),
        ("@neo4j/graphql, `@vector`", systems.vector, 4),
        ("@neo4j/graphql, `@cypher`", systems.cypher, f"{systems.cypher.candidates:,}"),
        ("txtai", systems.txtai, "its choice"),
        ("txtai, all lists", systems.all_lists, f"{systems.all_lists.candidates:,}"),
    ]
    noted = [Noted(asking, case) for _, asking, _ in named]
    times = await in_turns(range(QUERIES), *noted)
    return [
        [case.name, name, candidates, note.hits, f"{note.recall(truth):.3f}", time]
        for (name, _, candidates), note, time in zip(named, noted, times, strict=True)
    ]


class Noted:
    """A search that notes what it found."""

    def __init__(self, asking: Asking, case: Case) -> None:
        self._asking = asking
        self._case = case
        self._found: dict[int, list[str]] = {}

    async def __call__(self, number: int) -> None:
        """Ask a query."""
        self._found[number] = await self._asking(number, self._case)

    @property
    def hits(self) -> str:
        """How many hits a query has, on average."""
        return f"{np.mean([len(ids) for ids in self._found.values()]):.0f}"

    def recall(self, truth: Truth) -> float:
        """Return the share of the nearest that was found."""
        right = [len(truth[number] & set(ids)) for number, ids in self._found.items()]
        return float(np.mean(right)) / K


async def _choose_candidates(
    asking: Neo4jCypher | Txtai, case: Case, truth: Truth, least: float
) -> None:
    """Set the fewest candidates by which the recall is at least so much, or the most there are."""
    for candidates in CANDIDATES:
        asking.candidates = candidates
        if await _tried(asking, case, truth) >= least:
            return


async def _tried(asking: Asking, case: Case, truth: Truth) -> float:
    noted = Noted(asking, case)
    for number in range(TRIED):
        await noted(number)
    return noted.recall(truth)


async def _listed(systems: Systems, name: str, ours: str, theirs: str) -> list[object]:
    """Return a row of the table of lists."""
    mine, other = MIKO_POSTS % ours, NEO4J_POSTS % theirs
    where = {"sources": ["gen"]}
    asks = (
        _page(systems.embedded, mine, where),
        _page(systems.server, mine, where),
        _page(systems.vector, other, {"source": {"eq": "gen"}}),
    )
    embedded, server, peer = await in_turns(range(QUERIES), *asks)
    return [name, embedded, server, peer, _ratios(peer, embedded, server)]


def _page(
    server: GraphQL, query: str, where: Mapping[str, object]
) -> Callable[[int], Awaitable[None]]:
    async def ask(_: int) -> None:
        data = await server.ask(query, {"where": where})
        assert len(data["list"]["edges"]) == K

    return ask


def _ratios(peer: Times, *ours: Times) -> str:
    return ", ".join(f"{peer.p50 / own.p50:.1f}" for own in ours)


@asynccontextmanager
async def _serving(queries: Vector) -> AsyncGenerator[Systems]:
    """Start all servers, and end them at the end."""
    async with AsyncExitStack() as stack:
        neo4j = (await stack.enter_async_context(serving(folder(OURS, INTENTIONS)))).url
        served = {
            "embedded": peer_servers.miko(settings(INTENTIONS).url),
            "server": peer_servers.miko(neo4j),
            "graphql": peer_servers.neo4j_graphql(neo4j),
            "txtai": peer_servers.txtai(0),
            "all lists": peer_servers.txtai(ALL_LISTS),
        }
        servers = {name: stack.enter_context(one) for name, one in served.items()}
        urls = {name: one.ready() for name, one in servers.items()}
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=120))
        yield Systems(client, urls, queries)


def _truths(queries: Vector) -> list[Truth]:
    exact = Exact(settings(INTENTIONS).url)
    groups = [exact.keys(case.sql) if case.sql else None for case in CASES]
    found = exact.nearest(queries, K, groups)
    return [[exact.ids(keys) for keys in nearest] for nearest in found]


async def _prepare(graph: Generated) -> None:
    """Load the graph into both stores and txtai where it is not there yet."""
    if not is_there(INTENTIONS):
        await generated(INTENTIONS)
    place = folder(OURS, INTENTIONS)
    if not (place / WHOLE).exists():
        async with serving(place) as served, connect(served) as store:
            await store.require_model(MODEL)
            for part in parts(graph):
                await put(store, part)
            await store.refresh()
        (place / WHOLE).touch()
    peer_servers.PLACE.mkdir(parents=True, exist_ok=True)
    np.save(peer_servers.QUERIES, graph.queries(QUERIES))
    if not peer_servers.is_indexed(ALL_LISTS):
        _write_rows(graph)
        peer_servers.index_for_txtai(ALL_LISTS)


def _write_rows(graph: Generated) -> None:
    embeddings: list[Vector] = []
    with (peer_servers.PLACE / "rows.jsonl").open("wb") as file:
        for block in graph.blocks():
            embeddings.append(block.embeddings.astype(np.float16).astype(np.float32))
            for place, one in enumerate(block.batch.intentions):
                has = "one_in_100" in block.batch.posts[place // 10].labels
                label = LABEL_TEXT if has else ""
                row = {"id": one.id, "text": one.text, "relation": one.relation, "label": label}
                file.write(orjson.dumps(row) + b"\n")
    np.save(peer_servers.PLACE / "embeddings.npy", np.concatenate(embeddings))
