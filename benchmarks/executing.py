"""GraphQL's own work on fifty hits, beside a plain Strawberry schema of the same shape."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import strawberry

from api.graphql_schema import build_graphql_schema
from api.opening import source_of
from api.query import Query
from api.settings import ApiSettings
from benchmarks.generated import Generated
from benchmarks.loading import generated, is_there, settings
from benchmarks.report import section, table
from benchmarks.searching import Prepared
from benchmarks.timing import in_turns
from kg.connect import connect
from kg.fusion import Scheme
from kg.ranking import Slice, Window
from kg.search import search
from schema.nodes import NodeKind
from schema.search import Mode

INTENTIONS: Final = 20_000
QUERIES: Final = 200
HITS: Final = 50
QUERY: Final = """
query ($text: String!) {
  searchIntentions(text: $text, mode: TEXT, first: 50) {
    edges {
      cursor similarity relevance score
      a: relevance b: similarity
      node { __typename id key relation text sentence again: text other: relation longer: sentence }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
"""Fifteen values a hit."""


async def main() -> None:
    """Measure and report."""
    if not is_there(INTENTIONS):
        await generated(INTENTIONS)
    phrases = [f"w{n % 40}q w{n % 7}q" for n in range(QUERIES)]
    async with connect(settings(INTENTIONS)) as store:
        vector = Generated(1000).queries(1)[0]
        source = source_of(store, Prepared(vector), ApiSettings())

        async def alone(text: str) -> None:
            found = await search(
                store,
                None,
                text,
                Slice(NodeKind.INTENTION, window=Window(HITS)),
                scheme=Scheme(Mode.TEXT),
            )
            ids = [hit.id for hit in found.hits]
            assert len(await store.intentions(ids)) == HITS

        def by(schema: strawberry.Schema) -> Callable[[str], Awaitable[None]]:
            async def ask(text: str) -> None:
                answer = await schema.execute(QUERY, {"text": text}, context_value=source.context())
                data: dict[str, Any] = answer.data or {}
                assert len(data["searchIntentions"]["edges"]) == HITS

            return ask

        ours, plain, own = await in_turns(
            phrases, by(build_graphql_schema(source.settings)), by(strawberry.Schema(Query)), alone
        )
    rows = [
        ["MIKO", ours, f"{ours.p50 - own.p50:.2f}"],
        ["Strawberry's default", plain, f"{plain.p50 - own.p50:.2f}"],
        ["the store's own work", own, ""],
    ]
    ratio = (ours.p50 - own.p50) / (plain.p50 - own.p50)
    section(
        "execute",
        "GraphQL's own work",
        f"{HITS} hits of a search by words with fifteen values each, in process, {INTENTIONS:,} "
        f"generated intentions, {QUERIES} queries in turns. The default is `strawberry.Schema` "
        "over the same query type: the same resolvers, without MIKO's executor, memory of "
        "documents, limits and errors. What is GraphQL's own is the rest over the store's work.",
        table(["", "p50 / p95 ms", "GraphQL's own, ms"], rows),
        f"GraphQL's own work is **{ratio:.2f}** times the default's; asked ≤ 0.5.",
    )
