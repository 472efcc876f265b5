"""The questions of the users, each one GraphQL operation, at the paper's scale.

In process: what HTTP adds is measured by ``serving``. Each is asked of a store opened anew, so that
no answer is kept from one to the next, and what it asked of the store is then asked again alone.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import strawberry

from api.graphql_schema import build_graphql_schema
from api.opening import source_of
from api.settings import ApiSettings
from benchmarks.generated import PAPER_INTENTIONS, Generated, concept_id, post_id
from benchmarks.loading import generated, is_there, settings
from benchmarks.questioned import questioned
from benchmarks.report import section, table
from benchmarks.searching import Prepared
from benchmarks.timing import Times
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore

ROUNDS: Final = 11
WARM_UP: Final = 1
ONE_PERCENT: Final = 'labels: [{name: "one_in_100", value: "1"}]'
RARE: Final = 'labels: [{name: "one_in_1000", value: "1"}]'

Opened = Callable[[], AbstractAsyncContextManager[GraphStore]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, by its number in ``docs/questions.md``.

    Attributes:
        name: What is asked, of which part of the graph.
        text: The operation; ``$text``, ``$post`` and ``$concept`` are others in each round.
        most_ms: What was asked for; None where nothing was.
    """

    name: str
    text: str
    most_ms: int | None = None


def _facet(name: str, asked: str, most_ms: int) -> Question:
    return Question(name, f"{{ facet({asked}) {{ total counts {{ value count }} }} }}", most_ms)


def _lift(name: str, asked: str) -> Question:
    return Question(name, f"{{ lift({asked}) {{ compared lifts {{ value lift low high q }} }} }}")


def _comparison(name: str, asked: str) -> Question:
    found = "totalA totalB contrasts { value difference low high q }"
    return Question(name, f"{{ comparison({asked}) {{ {found} }} }}")


def _groups(name: str, where: str, most_ms: int | None = None) -> Question:
    found = "total groups { size medoid { text } posts(first: 2) { key text } }"
    return Question(name, f"{{ intentionGroups(where: {{{where}}}) {{ {found} }} }}", most_ms)


QUESTIONS: Final = (
    Question(
        "1 posts by meaning, 1 %",
        "query ($text: String!) { postsByIntention(relations: [xWant], about: $text, where: "
        f"{{{ONE_PERCENT}}}) {{ edges {{ similarity evidence {{ text }} node {{ key text }} "
        "} } }",
    ),
    Question(
        "1 intentions by meaning and words, all",
        "query ($text: String!) { searchIntentions(text: $text) "
        "{ edges { score node { text posts(first: 1) { key text } } } } }",
    ),
    Question(
        "2 a similar motive, another emotion",
        "query ($post: ID!) { postsSharing(id: $post, differ: EMOTION) "
        "{ edges { likeness { whole motive topic } node { key text } } } }",
    ),
    _lift(
        "3 concepts of xWant within 1 %",
        f"by: ABOUT, kind: INTENTION, where: {{relations: [xWant]}}, background: {{{ONE_PERCENT}}}",
    ),
    _groups("4 groups, 0.1 %", RARE, 1000),
    _groups("4 groups, 1 %", ONE_PERCENT, 1000),
    _groups("4 groups, a tenth of all", "relations: [xWant]"),
    Question(
        "5 diverging feelings, 1 %",
        f"{{ postsByDivergence(where: {{{ONE_PERCENT}}}) {{ edges {{ similarity node {{ key }} "
        "evidence { text } against { text } } } }",
    ),
    Question(
        "6 what the audience does, by meaning, all",
        "query ($text: String!) { postsByIntention(relations: [oWant, oReact], about: $text) "
        "{ edges { similarity evidence { sentence } node { key text } } } }",
    ),
    Question(
        "7 contradictions, 1 %",
        f"{{ postsByContradiction(where: {{{ONE_PERCENT}}}) {{ edges {{ difference node {{ key }} "
        "} } }",
    ),
    _comparison(
        "8 emotions of 1 % against the rest",
        f"by: EMOTION, a: {{{ONE_PERCENT}}}, b: {{not: [{{{ONE_PERCENT}}}]}}",
    ),
    _lift("9 objects of what is about a concept", 'by: OBJECT, where: {about: ["concept_50"]}'),
    Question(
        "10 paths to a concept, each with its reason",
        "query ($post: ID!, $concept: ID!) { paths(from: $post, to: $concept, hops: 3, first: 5) "
        "{ paths { confidence steps { reason } } } }",
    ),
    Question(
        "11 what humans accepted, by meaning",
        'query ($text: String!) { searchIntentions(text: $text, where: {annotators: ["ann"]}) '
        "{ edges { score node { text } } } }",
    ),
    _comparison(
        "12 what the audience does, X against Y",
        "by: ABOUT, kind: INTENTION, where: {side: AUDIENCE}, "
        'a: {mentions: [{aspect: OBJECT, concept: "concept_1"}]}, '
        'b: {mentions: [{aspect: OBJECT, concept: "concept_2"}]}',
    ),
    Question(
        "13 what commonsense predicts, and the graph lacks",
        "query ($post: ID!) { commonsensePrediction(of: {id: $post}) "
        "{ lackingCount lacking(first: 5) { sentence similarity } } }",
    ),
    Question(
        "14 for a new text",
        "query ($text: String!) { likelyIntentions(text: $text) "
        "{ relations { relation intentions(first: 2) { vote intention { text } } } } }",
    ),
    _facet("facet: posts by relation, 1 %", f"by: RELATION, where: {{{ONE_PERCENT}}}", 50),
    _facet(
        "facet: intentions by concept, 1 %",
        f"by: ABOUT, kind: INTENTION, where: {{{ONE_PERCENT}}}",
        50,
    ),
    _facet("facet: posts by relation, all", "by: RELATION", 500),
    _facet("facet: posts by emotion, all", "by: EMOTION", 500),
    _facet("facet: intentions by concept, all", "by: ABOUT, kind: INTENTION", 500),
)


class NotedStore:
    """A store that notes what it is asked, so that it can be asked the same alone."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        """Return a method of the store that notes what it is called with."""
        method = getattr(self._store, name)

        async def ask(*values: Any, **named: Any) -> Any:
            self.calls.append((name, values, named))
            return await method(*values, **named)

        return ask

    async def again(self, store: GraphStore) -> None:
        """Ask another store the same, one after the other."""
        for name, values, named in self.calls:
            await getattr(store, name)(*values, **named)


async def main() -> None:
    """Measure and report."""
    graph = Generated(PAPER_INTENTIONS)
    if not is_there(PAPER_INTENTIONS):
        await generated(PAPER_INTENTIONS)
    stores = settings(PAPER_INTENTIONS)
    async with connect(stores) as store:
        await questioned(store, graph)
    rows = await measured(graph, opener(stores), rounds=ROUNDS)
    report("questions", "The embedded store", rows, rounds=ROUNDS)


def opener(stores: StoreSettings) -> Opened:
    """Return what opens a store anew."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[GraphStore]:
        async with connect(stores) as store:
            await store.version()
            yield store

    return opened


def report(name: str, title: str, rows: list[list[object]], *, rounds: int, note: str = "") -> None:
    """Write a section of the results, with what else is to be said of them."""
    section(
        name,
        f"The questions: {title}",
        f"{PAPER_INTENTIONS:,} generated intentions on {PAPER_INTENTIONS // 10:,} posts with an "
        "emotion and an object each, commonsense of 10,000 events; one percent are 13,720 "
        f"intentions. Each question is one GraphQL operation, in process, {rounds} times, of a "
        "store opened anew, so that no answer is kept; again, in the same store. Embedding a text "
        "is left out. The store's own work is what the operation asked of it, asked alone." + note,
        table(
            ["question", "p50 / p95 ms", "asked ≤", "again, p50", "the store's own, p50", "ratio"],
            rows,
        ),
    )


async def measured(graph: Generated, opened: Opened, *, rounds: int) -> list[list[object]]:
    """Return a row of the table for each question."""
    schema, vectors = build_graphql_schema(ApiSettings()), graph.queries(rounds + WARM_UP)
    phrases = graph.phrases(rounds + WARM_UP)
    rows: list[list[object]] = []
    for question in QUESTIONS:
        took: list[list[float]] = [[], [], []]
        for number, (vector, phrase) in enumerate(zip(vectors, phrases, strict=True)):
            values = {
                "text": phrase,
                "post": post_id(graph.posts // 2 + number),
                "concept": concept_id(number),
            }
            some = await _round(schema, question, values, Prepared(vector), opened)
            for times, ms in zip(took, some, strict=True):
                times += [ms] if number >= WARM_UP else []
        rows.append(_row(question, *map(Times, took)))
        print(rows[-1], flush=True)
    return rows


async def _round(
    schema: strawberry.Schema,
    question: Question,
    values: dict[str, str],
    embedder: Prepared,
    opened: Opened,
) -> tuple[float, float, float]:
    used = {name: value for name, value in values.items() if f"${name}" in question.text}
    async with opened() as store:
        noted = NotedStore(store)
        source = source_of(cast(GraphStore, noted), embedder, ApiSettings())

        async def ask() -> None:
            answer = await schema.execute(question.text, used, context_value=source.context())
            assert not answer.errors, answer.errors

        first = await _ms(ask)
        calls = NotedStore(store)
        calls.calls = list(noted.calls)
        again = await _ms(ask)
    async with opened() as store:
        own = await _ms(lambda: calls.again(store))
    return first, again, own


def _row(question: Question, first: Times, again: Times, own: Times) -> list[object]:
    return [
        question.name,
        first,
        question.most_ms or "",
        f"{again.p50:.2f}",
        f"{own.p50:.2f}",
        f"{first.p50 / own.p50:.2f}",
    ]


async def _ms(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    await work()
    return 1000 * (time.perf_counter() - start)
