"""A semantic search over HTTP: ten hits with their posts and concepts, against its parts."""

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from benchmarks.loading import FOLDER
from benchmarks.ports import free_port
from benchmarks.real_sentences import DATA, real_sentences
from benchmarks.report import quiet, section, table
from benchmarks.timing import in_turns
from ingest.embed import embed
from ingest.load import load
from kg.connect import connect
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings, StoreSettings
from schema.nodes import NodeKind

SETTINGS: Final = StoreSettings(url=f"sqlite:///{FOLDER}/http/miko.db")
QUERIES: Final = 200
READY_S: Final = 120
QUERY: Final = """
query ($text: String!) {
  searchIntentions(text: $text, mode: SEMANTIC, first: 10) {
    edges {
      similarity
      node {
        key
        relation
        text
        posts(first: 1) { key text concepts { aspect concept { key text } } }
      }
    }
  }
}
"""


async def main() -> None:
    """Measure and report."""
    Path(SETTINGS.url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    questions = real_sentences()[:: len(real_sentences()) // QUERIES][:QUERIES]
    async with connect(SETTINGS) as store, sentence_embedder(EmbedderSettings()) as embedder:
        files = sorted(DATA.glob("miko-*/**/*.json*"))
        rejects = FOLDER / "http/rejects.jsonl"
        await load(store, files, rejects=rejects, progress=quiet)
        await embed(store, embedder, progress=quiet)

        async def parts(text: str) -> None:
            await store.nearest(NodeKind.INTENTION, (await embedder.embed([text]))[0], 10)

        async def all_parts(text: str) -> None:
            near = await store.nearest(NodeKind.INTENTION, (await embedder.embed([text]))[0], 10)
            ids = [hit.id for hit in near]
            await store.intentions(ids)
            holders = await store.posts_of(ids, limit=1)
            post_ids = [post_id for some in holders for post_id in some]
            await store.posts(post_ids)
            await store.mentions_of(post_ids)

        with _server() as url:
            async with httpx.AsyncClient(base_url=url) as client:

                async def over_http(text: str) -> None:
                    answer = await client.post(
                        "/graphql", json={"query": QUERY, "variables": {"text": text}}
                    )
                    edges = answer.json()["data"]["searchIntentions"]["edges"]
                    assert len(edges) == 10

                http, bare, full = await in_turns(questions, over_http, parts, all_parts)
        posts_there = await store.count(NodeKind.POST)
    rows = [
        ["over HTTP", http, ""],
        ["embedding + nearest", f"{bare.p50:.2f}", f"{http.p50 / bare.p50:.2f} (asked ≤ 1.5)"],
        ["embedding + every store call", f"{full.p50:.2f}", f"{http.p50 / full.p50:.2f}"],
    ]
    section(
        "http",
        "Semantic search over HTTP",
        f"{posts_there:,} real posts with their intentions and concepts; {QUERIES} queries in "
        "turns; the server is a process of its own. Ten hits, each with its first post and all "
        "concepts of that.",
        table(["", "p50 / p95 ms", "HTTP is … times that"], rows),
    )


@contextmanager
def _server() -> Generator[str]:
    """Start `miko serve` on a free port, wait until it is ready, and end it."""
    port = free_port()
    command = [sys.executable, "-m", "miko", "serve", "--port", str(port), "--store", SETTINGS.url]
    process = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + READY_S
        while not _is_ready(url):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("the server did not start")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready").is_success
    except httpx.TransportError:
        return False
