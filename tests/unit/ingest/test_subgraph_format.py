"""An exported subgraph, read back: nothing lost, and nothing believed that does not fit."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.small_graph import BATCH, DOG, DOG_POST, HOME, RUN
from exports import ODD
from unit.ingest.written import written

from ingest.formats.format import Line, Parsed, Rejected
from ingest.formats.posts import joined
from ingest.formats.subgraph import SubgraphFormat
from ingest.load import load
from kg.store import GraphStore
from schema.errors import NodeNotFoundError
from schema.graph import Batch
from schema.nodes import Concept, Intention
from schema.relations import Relation
from schema.subgraph import json_schema
from schema.subgraph_lines import as_bytes, lines_of

PRIVATE = "zebrafinch"
PUBLISHED = Path(__file__).parents[3] / "docs" / "subgraph.schema.json"
AGAIN = (
    "write it anew: python -c 'import json; from schema.subgraph import json_schema; "
    "print(json.dumps(json_schema(), indent=2))' > docs/subgraph.schema.json"
)


def text_of(batch: Batch) -> str:
    """Return a batch as lines."""
    return b"".join(map(as_bytes, lines_of(batch))).decode()


def read(text: str) -> Batch:
    """Return what lines say, none of which is refused."""
    lines = [Line(n, line) for n, line in enumerate(text.split("\n")[:-1], 1)]
    rows = [row for line in lines for row in SubgraphFormat().rows(line)]
    assert all(isinstance(row, Parsed) for row in rows)
    return joined(row.batch for row in rows if isinstance(row, Parsed))


def line(name: str = "Post") -> dict[str, Any]:
    """Return a line of a type."""
    return json.loads(text_of(PARTS[name]))


SORTED = replace(
    ODD, posts=tuple(replace(post, hashtags=tuple(sorted(post.hashtags))) for post in ODD.posts)
)
PARTS = {
    "Post": Batch(posts=(DOG_POST,), has_intention=BATCH.has_intention[:1]),
    "Intention": Batch(intentions=(HOME,), about=BATCH.about[:1]),
    "Concept": Batch(concepts=(DOG,)),
    "Run": Batch(runs=(RUN,)),
    "RELATED": Batch(related=BATCH.related[:1]),
}


@pytest.mark.parametrize("batch", [BATCH, SORTED, *PARTS.values(), Batch()])
def test_what_is_written_is_read_back(batch: Batch) -> None:
    again = read(text_of(batch))

    for name in Batch.__slots__:
        held, read_back = getattr(batch, name), getattr(again, name)
        assert len(held) == len(read_back), name
        assert all(one in held for one in read_back), name
    assert text_of(again) == text_of(batch)


def test_order_makes_no_difference() -> None:
    turned = Batch(*(tuple(reversed(getattr(BATCH, name))) for name in Batch.__slots__))

    assert text_of(turned) == text_of(BATCH)


@pytest.mark.parametrize(
    ("name", "changed", "field"),
    [
        ("Post", {"type": PRIVATE}, "type"),
        ("Post", {"type": [PRIVATE]}, "type"),
        ("Post", {"id": "no-colon"}, "id"),
        ("Post", {"text": f"{PRIVATE}\x00"}, "text"),
        ("Post", {"text": PRIVATE * 20_000}, "text"),
        ("Post", {"labels": {PRIVATE: [PRIVATE]}}, "labels"),
        ("Post", {"has_intention": [{"intention": PRIVATE}]}, "has_intention.0.intention"),
        ("Post", {"judgements": PRIVATE}, "judgements"),
        ("Intention", {"text": PRIVATE}, "id"),
        ("Intention", {"id": "a" * 16}, "id"),
        ("Run", {"model": PRIVATE}, "id"),
        ("Concept", {"id": PRIVATE}, "id"),
        ("Concept", {"kind": PRIVATE}, "kind"),
        ("RELATED", {"weight": -1}, "weight"),
        ("RELATED", {"weight": PRIVATE}, "weight"),
    ],
)
def test_what_does_not_fit_is_rejected_without_its_text(
    name: str, changed: dict[str, Any], field: str
) -> None:
    text = json.dumps(line(name) | changed)

    rows = list(SubgraphFormat().rows(Line(7, text)))

    assert rows
    assert all(isinstance(row, Rejected) for row in rows)
    rejected = [row for row in rows if isinstance(row, Rejected)]
    assert field in {row.field for row in rejected}
    assert PRIVATE not in "".join(row.reason for row in rejected)


def test_the_published_json_schema_is_that_of_the_lines() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == json_schema(), AGAIN


@pytest.mark.anyio
async def test_a_file_that_lacks_a_line_is_refused_where_it_is_named(
    store: GraphStore, tmp_path: Path
) -> None:
    wish = Intention.of(Relation.X_WANT, "walk the dog")
    path = written(
        tmp_path / "cut.jsonl", json.dumps(line()), text_of(Batch(intentions=(wish,))).strip()
    )

    with pytest.raises(NodeNotFoundError, match="write it first"):
        await load(store, [path], rejects=tmp_path / "r", progress=lambda _done, _total: None)

    assert await store.posts([DOG_POST.id]) == [None]


@pytest.mark.anyio
async def test_a_kind_is_kept(store: GraphStore, tmp_path: Path) -> None:
    (anger,) = [concept for concept in BATCH.concepts if concept.id == "/c/en/anger"]
    path = written(tmp_path / "one.jsonl", text_of(Batch(concepts=(anger,))).strip())

    report = await load(store, [path], rejects=tmp_path / "r", progress=lambda _done, _total: None)

    assert report.files[0].format == "subgraph"
    assert await store.concepts([anger.id]) == [anger] != [Concept.of(anger.id)]
