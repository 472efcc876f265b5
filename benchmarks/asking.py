"""The questions that count and compare, at the paper's scale, beside the store's own part."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from benchmarks.generated import PAPER_INTENTIONS
from benchmarks.loading import generated, is_there, settings
from benchmarks.report import section, table
from benchmarks.timing import Times
from kg import facets, groups
from kg.connect import connect
from kg.facets import Subject
from kg.store import GraphStore
from schema.facets import Facet
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind
from schema.relations import Relation

ROUNDS: Final = 5
ONE_PERCENT: Final = Filter(labels=(("one_in_100", "1"),))
RARE: Final = Filter(labels=(("one_in_1000", "1"),))
WANTED: Final = Filter(relations=(Relation.X_WANT,))
RELATIONS: Final = Subject(NodeKind.POST, Facet.RELATION)
TOPICS: Final = Subject(NodeKind.INTENTION, Facet.ABOUT)

Asked = Callable[[GraphStore], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the store's own part of it, and how long it may take.

    Attributes:
        name: What is asked.
        ask: Asks it.
        own: Asks the store for what it needs, and does nothing with it.
        most_ms: What was asked for; None where nothing was.
    """

    name: str
    ask: Asked
    own: Asked
    most_ms: int | None = None


def counted(name: str, subject: Subject, where: Filter, most_ms: int | None) -> Case:
    """Return the case of a facet."""

    async def own(store: GraphStore) -> None:
        await store.facet(subject.kind, subject.by, where)
        await store.count(subject.kind, where)

    return Case(name, lambda store: facets.facet(store, subject, where), own, most_ms)


async def two_facets(store: GraphStore) -> None:
    """Ask for what lift within one in a hundred needs."""
    for where in (ONE_PERCENT, Filter(all_of=(ONE_PERCENT, WANTED))):
        await store.facet(TOPICS.kind, TOPICS.by, where)
        await store.count(TOPICS.kind, where)


def read_for(where: Filter) -> Asked:
    """Ask for what groups need."""

    async def own(store: GraphStore) -> None:
        await store.count(NodeKind.INTENTION, where)
        page = await store.ids(NodeKind.INTENTION, where=where, limit=groups.SAMPLE)
        await store.embeddings(NodeKind.INTENTION, page.ids)

    return own


CASES: Final = (
    counted("facet: posts by relation, 1 %", RELATIONS, ONE_PERCENT, 50),
    counted("facet: intentions by concept, 1 %", TOPICS, ONE_PERCENT, 50),
    counted("facet: posts by relation, all", RELATIONS, EVERYTHING, 500),
    counted("facet: intentions by concept, all", TOPICS, EVERYTHING, 500),
    Case(
        "lift: concepts of xWant within 1 %",
        lambda store: facets.lift(store, TOPICS, WANTED, background=ONE_PERCENT),
        two_facets,
    ),
    Case("groups, 0.1 %", lambda store: groups.groups(store, RARE), read_for(RARE), 1000),
    Case(
        "groups, 1 %", lambda store: groups.groups(store, ONE_PERCENT), read_for(ONE_PERCENT), 1000
    ),
    Case("groups, all", lambda store: groups.groups(store), read_for(EVERYTHING)),
)


async def main() -> None:
    """Measure and report."""
    if not is_there(PAPER_INTENTIONS):
        await generated(PAPER_INTENTIONS)
    rows = [await measured(case, embedded) for case in CASES]
    section(
        "questions",
        "Questions that count and compare",
        f"{PAPER_INTENTIONS:,} generated intentions, the embedded store, opened anew for each of "
        f"{ROUNDS} rounds, so that nothing is kept from one to the next; then asked again. The "
        "store's own part asks for the same, and does nothing with it.",
        table(
            ["", "p50 / p95 ms", "asked ≤", "again, p50", "the store's own, p50", "ratio"],
            rows,
        ),
    )


@asynccontextmanager
async def embedded() -> AsyncGenerator[GraphStore]:
    """Open the embedded store."""
    async with connect(settings(PAPER_INTENTIONS)) as store:
        await store.version()
        yield store


async def measured(
    case: Case, opened: Callable[[], AbstractAsyncContextManager[GraphStore]]
) -> list[object]:
    """Return a row of the table."""
    took: list[list[float]] = [[], [], []]
    for _ in range(ROUNDS):
        async with opened() as store:
            took[0].append(await _ms(case.ask, store))
            took[1].append(await _ms(case.ask, store))
        async with opened() as store:
            took[2].append(await _ms(case.own, store))
    first, again, own = map(Times, took)
    return [
        case.name,
        first,
        case.most_ms or "",
        f"{again.p50:.2f}",
        f"{own.p50:.2f}",
        f"{first.p50 / own.p50:.2f}",
    ]


async def _ms(ask: Asked, store: GraphStore) -> float:
    start = time.perf_counter()
    await ask(store)
    return 1000 * (time.perf_counter() - start)
