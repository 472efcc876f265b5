"""Any text that can be stored comes out of the graph as it went in."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.ingest.written import written

from ingest.load import load
from kg.connect import connect
from kg.settings import StoreSettings
from schema.text import normalize

STORABLE = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
TEXTS = st.lists(st.text(STORABLE).filter(normalize), min_size=1, max_size=20)


@settings(max_examples=25, deadline=None)
@given(TEXTS)
def test_texts_of_posts_and_intentions_are_kept_to_the_character(texts: list[str]) -> None:
    posts, raws = anyio.run(loaded, texts)

    assert posts == texts
    assert raws == texts


async def loaded(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the texts of posts, and of their intentions as generated, from a new graph."""
    with TemporaryDirectory() as folder:
        file = written(Path(folder) / "posts.jsonl", *map(line, range(len(texts)), texts))
        async with connect(StoreSettings(url=f"sqlite:///{folder}/graph.db")) as store:
            await load(
                store, [file], rejects=Path(folder) / "rejects.jsonl", progress=lambda _d, _t: None
            )
            ids = [f"any:{number}" for number in range(len(texts))]
            posts = [post.text for post in await store.posts(ids) if post]
            return posts, [held.has.raw for own in await store.intentions_of(ids) for held in own]


def line(number: int, text: str) -> str:
    said = {"relation": "open", "text": text}
    post = {"id": f"any:{number}", "text": text, "intentions": [said]}
    return json.dumps(post, ensure_ascii=False)
