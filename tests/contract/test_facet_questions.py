"""The questions that count and compare, asked of the API over real records.

Plain Python counts the records themselves; the concepts of intentions are read one by one from the
store, whose links have tests of their own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from contract import reference_statistics as reference
from contract.conftest import Backend
from contract.real_posts import Row, real_records, shown, stated, write_records
from unit.api.conftest import asking, client_of

from ingest.link import link
from ingest.load import load
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.nodes import Intention, NodeKind
from schema.relations import RELATIONS, Relation, Side

pytestmark = pytest.mark.anyio

TAG = re.compile(r"(?<![\w&/#])# ?([a-z]{3,})(?!\w)")
OURS: Row = {
    "id": "ours:1",
    "text": "Come to our open day",
    "labels": {"sarcastic": "0"},
    "image_attributes": [],
    "key_information": {"action": "promote"},
    "intentions": [],
}
"""It makes promoting a concept of the graph, to which intentions can be linked."""

LIFT = """
query ($by: Facet!, $kind: NodeKind!, $where: Where!, $background: Where, $least: Int!) {
  lift(by: $by, kind: $kind, where: $where, background: $background, least: $least, first: 100) {
    total backgroundTotal compared
    lifts { value concept { key } count backgroundCount lift low high p q }
  }
}
"""
COMPARISON = """
query ($by: Facet!, $kind: NodeKind!, $a: Where!, $b: Where!, $where: Where) {
  comparison(by: $by, kind: $kind, a: $a, b: $b, where: $where, least: 5, first: 100) {
    totalA totalB totalBoth compared
    contrasts {
      value a { count share low high } b { count share low high } difference low high p q
    }
  }
}
"""
FACET = """
query ($by: Facet!, $kind: NodeKind!, $where: Where) {
  facet(by: $by, kind: $kind, where: $where, first: 100) {
    total values counts { value count share }
  }
}
"""


class Real(NamedTuple):
    """The records, what their intentions are about, and the store that holds both."""

    records: list[Row]
    about: dict[str, set[str]]
    store: GraphStore

    def intentions(self, records: Iterable[Row], *relations: str) -> set[str]:
        """Return the ids of intentions of records, of any of some relations."""
        return {
            Intention.of(Relation(said["relation"]), said["text"]).id
            for record in records
            for said in record["intentions"]
            if said["relation"] in relations
        }

    def topics(self, intentions: set[str]) -> Counter[str]:
        return Counter(uri for intention in intentions for uri in self.about[intention])

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        async with client_of(self.store) as client:
            answer = await asking(client)(query, **variables)
        assert "errors" not in answer
        return answer["data"]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def real(
    backend: Backend, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Real]:
    folder = tmp_path_factory.mktemp("facets")
    records = [*real_records(data), OURS]
    write_records(folder / "posts.jsonl", records)
    async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
        await load(
            store,
            [folder / "posts.jsonl"],
            rejects=folder / "rejects",
            progress=lambda _, __: None,
        )
        await link(store)
        about: dict[str, set[str]] = defaultdict(set)
        every = (await store.ids(NodeKind.INTENTION, limit=100_000)).ids
        for linked in await store.about_of(every):
            for one in linked:
                about[one.about.intention_id].add(one.about.concept_id)
        yield Real(records, about, store)


def check_lifts(found: dict[str, Any], group: Counter[str], background: Counter[str]) -> None:
    """Compare a table of lifts with counts of the group and of what it is a part of."""
    size, whole = found["total"], found["backgroundTotal"]
    values = [value for value, count in background.items() if count >= 5]
    p = [
        reference.p_value(group[v], size, background[v] - group[v], whole - size)
        for v in sorted(values)
    ]
    q = dict(zip(sorted(values), reference.q_values(p), strict=True))
    rows = found["lifts"]
    assert found["compared"] == len(values) > 10
    assert rows == sorted(rows, key=lambda row: (-row["low"], row["value"]))
    assert len(rows) == min(100, len(values))
    for row in rows:
        value = row["value"]
        assert (row["count"], row["backgroundCount"]) == (group[value], background[value])
        assert row["lift"] == pytest.approx(group[value] / size / (background[value] / whole))
        assert row["low"] <= row["lift"] <= row["high"]
        assert row["q"] == pytest.approx(q[value], abs=1e-9)
        assert row["concept"]["key"] == value


async def test_concepts_most_tied_to_what_authors_want_within_a_hashtag(real: Real) -> None:
    """Question 3."""
    tagged: dict[str, list[Row]] = defaultdict(list)
    for record in real.records:
        for tag in set(TAG.findall(record["text"].casefold())):
            tagged[tag].append(record)
    tag, records = max(tagged.items(), key=lambda item: (len(item[1]), item[0]))
    every = real.intentions(records, *Relation)
    wanted = real.intentions(records, "xWant")

    found = await real.ask(
        LIFT,
        by="ABOUT",
        kind="INTENTION",
        where={"relations": ["xWant"]},
        background={"hashtags": [tag]},
        least=5,
    )

    assert (found["lift"]["total"], found["lift"]["backgroundTotal"]) == (len(wanted), len(every))
    check_lifts(found["lift"], real.topics(wanted), real.topics(every))


async def test_emotions_that_separate_sarcastic_from_sincere_posts(real: Real) -> None:
    """Question 8."""
    groups = [[r for r in real.records if r["labels"]["sarcastic"] == label] for label in "10"]
    counts = [Counter(uri for r in group for uri in stated(r, "emotion")) for group in groups]
    values = {v for v in counts[0] | counts[1] if counts[0][v] + counts[1][v] >= 5}

    found = (
        await real.ask(
            COMPARISON,
            by="EMOTION",
            kind="POST",
            a={"labels": [{"name": "sarcastic", "value": "1"}]},
            b={"labels": [{"name": "sarcastic", "value": "0"}]},
        )
    )["comparison"]

    assert (found["totalA"], found["totalB"]) == tuple(map(len, groups))
    assert found["totalBoth"] == 0
    assert {row["value"] for row in found["contrasts"]} == values
    for row in found["contrasts"]:
        for name, count, group in zip("ab", counts, groups, strict=True):
            n, size = count[row["value"]], len(group)
            low, high = reference.wilson(n, size)
            assert row[name]["count"] == n
            assert row[name]["share"] == pytest.approx(n / size)
            assert row[name]["low"] == pytest.approx(low, abs=1e-9)
            assert row[name]["high"] == pytest.approx(high, abs=1e-9)
        assert row["low"] <= row["difference"] <= row["high"]
    sure = [max(row["low"], -row["high"], 0) for row in found["contrasts"]]
    assert sure == sorted(sure, reverse=True)


@pytest.mark.parametrize(("by", "part"), [("PICTURED", None), ("OBJECT", "object")])
async def test_what_images_show_where_authors_promote(
    real: Real, by: str, part: str | None
) -> None:
    """Question 9: the posts with an intention of the author's that speaks of promoting."""

    def values(records: Iterable[Row]) -> Counter[str]:
        return Counter(u for r in records for u in (stated(r, part) if part else shown(r)))

    promoting = [
        record
        for record in real.records
        if any(
            "/c/en/promote" in real.about[intention]
            for intention in real.intentions([record], "xWant", "xIntent")
        )
    ]

    found = await real.ask(
        LIFT,
        by=by,
        kind="POST",
        where={"relations": ["xWant", "xIntent"], "about": ["promote"]},
        background=None,
        least=5,
    )

    assert (found["lift"]["total"], found["lift"]["backgroundTotal"]) == (
        len(promoting),
        len(real.records),
    )
    assert len(promoting) > 10
    check_lifts(found["lift"], values(promoting), values(real.records))


async def test_how_the_audience_reacts_to_two_things(real: Real) -> None:
    """Question 12: to posts whose images show the one, against the other."""
    (x, _), (y, _) = Counter(uri for r in real.records for uri in shown(r)).most_common(2)
    audience = [r for r, about in RELATIONS.items() if about.side is Side.AUDIENCE]
    groups = [
        real.intentions((r for r in real.records if uri in shown(r)), *audience) for uri in (x, y)
    ]
    counts = [real.topics(group) for group in groups]

    found = (
        await real.ask(
            COMPARISON,
            by="ABOUT",
            kind="INTENTION",
            a={"mentions": [{"aspect": "PICTURED", "concept": x}]},
            b={"mentions": [{"aspect": "PICTURED", "concept": y}]},
            where={"side": "AUDIENCE"},
        )
    )["comparison"]

    assert (found["totalA"], found["totalB"]) == tuple(map(len, groups))
    assert found["compared"] > 20
    for row in found["contrasts"]:
        value = row["value"]
        assert (row["a"]["count"], row["b"]["count"]) == (counts[0][value], counts[1][value])
        expected = counts[0][value] / len(groups[0]) - counts[1][value] / len(groups[1])
        assert row["difference"] == pytest.approx(expected)


async def test_facets_of_real_posts_add_up(real: Real) -> None:
    emotions = Counter(uri for record in real.records for uri in stated(record, "emotion"))

    by_emotion = (await real.ask(FACET, by="EMOTION", kind="POST"))["facet"]
    by_label = (await real.ask(FACET, by="LABEL", kind="POST"))["facet"]
    by_relation = (await real.ask(FACET, by="RELATION", kind="INTENTION"))["facet"]

    expected = sorted(emotions.items(), key=lambda item: (-item[1], item[0]))
    assert [(c["value"], c["count"]) for c in by_emotion["counts"]] == expected[:100]
    assert by_emotion["values"] == len(emotions)
    assert sum(c["count"] for c in by_label["counts"]) == by_label["total"] == len(real.records)
    assert sum(c["count"] for c in by_relation["counts"]) == by_relation["total"]


async def test_a_group_against_itself_has_lift_1(real: Real) -> None:
    sarcastic = {"labels": [{"name": "sarcastic", "value": "1"}]}

    found = await real.ask(
        LIFT, by="PICTURED", kind="POST", where=sarcastic, background=sarcastic, least=5
    )

    assert {row["lift"] for row in found["lift"]["lifts"]} == {1}
    assert {row["q"] for row in found["lift"]["lifts"]} == {1}
