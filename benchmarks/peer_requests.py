"""What is asked of MIKO, @neo4j/graphql and txtai: the same, each in its own words.

A hit has fifteen values everywhere. What a system has no value for is filled by one that it
has, a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx
import orjson

from kg.store import Vector

K: Final = 50
LABEL: Final = ("one_in_100", "1")
LABEL_TEXT: Final = "=".join(LABEL)


@dataclass(frozen=True, slots=True)
class Case:
    """A filter of a search, as each system has it.

    Attributes:
        name: What passes.
        sql: Gives the keys that pass in the embedded store; None for all.
        where: Of MIKO.
        node: ``where`` of @neo4j/graphql's nodes.
        cypher: Variables of the field made by hand.
        condition: Of txtai's SQL.
    """

    name: str
    sql: str | None
    where: Mapping[str, Any]
    node: Mapping[str, Any]
    cypher: Mapping[str, str]
    condition: str


CASES: Final = (
    Case("none", None, {}, {}, {}, ""),
    Case(
        "10 %, a relation",
        "SELECT key FROM intention WHERE relation = 0",
        {"relations": ["xWant"]},
        {"relation": {"eq": "xWant"}},
        {"relation": "xWant"},
        "AND relation = 'xWant'",
    ),
    Case(
        "1 %, a label",
        "SELECT h.intention FROM post_label AS l JOIN has_intention AS h ON h.post = l.post "
        "WHERE l.name = 'one_in_100'",
        {"labels": [{"name": LABEL[0], "value": LABEL[1]}]},
        {"posts": {"some": {"labels": {"includes": LABEL_TEXT}}}},
        {"label": LABEL_TEXT},
        f"AND label = '{LABEL_TEXT}'",
    ),
)

MIKO_HITS: Final = f"""
query ($text: String!, $where: Where) {{
  hits: searchIntentions(text: $text, mode: SEMANTIC, where: $where, first: {K}) {{ edges {{
    cursor similarity relevance score a: similarity b: similarity
    node {{ __typename id key relation text sentence again: text other: relation longer: sentence }}
  }} }}
}}
"""
NEO4J_HITS: Final = f"""
query ($vector: [Float!]!, $where: IntentionIndexWhere) {{
  hits: intentionsNear(vector: $vector, where: $where, first: {K}) {{ edges {{
    cursor score a: score b: score c: score d: score
    node {{
      __typename id key: id relation text sentence: text again: text other: relation longer: text
    }}
  }} }}
}}
"""
CYPHER_HITS: Final = f"""
query ($vector: [Float!]!, $candidates: Int!, $relation: String, $label: String) {{
  hits(
    vector: $vector, candidates: $candidates, first: {K}, relation: $relation, label: $label
  ) {{
    score a: score b: score c: score d: score e: score
    __typename id key: id relation text sentence: text again: text other: relation longer: text
  }}
}}
"""
TXTAI_HITS: Final = """
SELECT score, score AS a, score AS b, score AS c, score AS d, score AS e, id, id AS key, id AS type,
relation, text, text AS sentence, text AS again, relation AS other, text AS longer
FROM txtai WHERE similar(:q{candidates}) {condition}
"""


MIKO_POSTS: Final = f"""
query ($where: Where) {{
  list: posts(where: $where, first: {K}) {{ edges {{ cursor node {{
    __typename id key text source hashtags imageDescription images {{ uri }} labels {{ name value }}
    a: text b: source c: hashtags d: imageDescription e: key %s
  }} }} }}
}}
"""
NEO4J_POSTS: Final = f"""
query ($where: PostWhere) {{
  list: postsConnection(where: $where, first: {K}, sort: [{{id: ASC}}]) {{ edges {{ cursor node {{
    __typename id key: id text source hashtags image_description image_uris labels
    a: text b: source c: hashtags d: image_description e: id %s
  }} }} }}
}}
"""
LISTS: Final = (
    (f"{K} posts of a source, fifteen values each", "", ""),
    (
        "the same, each with its ten intentions",
        "intentions(first: 10) { intention { id relation text } }",
        "intentions(limit: 10) { id relation text }",
    ),
)
"""What a list is, and what MIKO's and @neo4j/graphql's posts have besides."""


class Asking(Protocol):
    """A search of one system."""

    async def __call__(self, number: int, case: Case) -> list[str]:
        """Ask a query, by its number, and return the ids of the hits, best first."""
        ...


class GraphQL:
    """A GraphQL server."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Return the data of an answer."""
        body = orjson.dumps({"query": query, "variables": variables or {}})
        headers = {"content-type": "application/json"}
        answer = await self._client.post(self._url, content=body, headers=headers)
        read = orjson.loads(answer.content)
        assert not read.get("errors"), read["errors"]
        return read["data"]


class Miko(GraphQL):
    """MIKO's search; the server knows the query's vector."""

    async def __call__(self, number: int, case: Case) -> list[str]:
        """Ask."""
        data = await self.ask(MIKO_HITS, {"text": str(number), "where": case.where})
        return [edge["node"]["key"] for edge in data["hits"]["edges"]]


class Neo4jVector(GraphQL):
    """The field that @neo4j/graphql makes of ``@vector``; the vector is sent."""

    def __init__(self, client: httpx.AsyncClient, url: str, vectors: Vector) -> None:
        super().__init__(client, url)
        self._vectors: Sequence[Sequence[float]] = vectors.tolist()

    async def __call__(self, number: int, case: Case) -> list[str]:
        """Ask."""
        where = {"node": case.node} if case.node else {}
        data = await self.ask(NEO4J_HITS, {"vector": self._vectors[number], "where": where})
        return [edge["node"]["id"] for edge in data["hits"]["edges"]]


class Neo4jCypher(Neo4jVector):
    """A field of Cypher by hand, in @neo4j/graphql: filters so many candidates of the index."""

    candidates = K

    async def __call__(self, number: int, case: Case) -> list[str]:
        """Ask."""
        values = {"vector": self._vectors[number], "candidates": self.candidates, **case.cypher}
        data = await self.ask(CYPHER_HITS, values)
        return [hit["id"] for hit in data["hits"]]


class Txtai:
    """txtai's search by SQL; the server knows the query's vector.

    With candidates of 0 txtai chooses how many it filters.
    """

    candidates = 0

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def __call__(self, number: int, case: Case) -> list[str]:
        """Ask."""
        candidates = f", {self.candidates}" if self.candidates else ""
        sql = TXTAI_HITS.format(candidates=candidates, condition=case.condition)
        given = {"query": sql, "limit": K, "parameters": f'{{"q": "{number}"}}'}
        answer = await self._client.get(self._url, params=given)
        return [hit["id"] for hit in orjson.loads(answer.content)]
