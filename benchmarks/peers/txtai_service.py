# /// script
# requires-python = ">=3.11"
# dependencies = ["txtai-minimal[api]==9.14.0", "faiss-cpu==1.15.1", "msgpack", "numpy", "pyyaml"]
# ///
"""Serve intentions by txtai's own API: ``uv run --script txtai_service.py FOLDER PORT PROBES``.

FOLDER holds the rows, their embeddings and those of the queries. PROBES is how many of FAISS's
lists are searched, 0 for txtai's own choice. With ``index`` for PORT, the indexes are made.
"""

import json
import os
import shutil
import sys
from functools import cache
from pathlib import Path

import numpy as np
import uvicorn

FOLDER = "PEER_FOLDER"


def vectors_of(texts: list[str]) -> np.ndarray:
    """Return the embeddings of texts, which are given: of a query ("17") that of its number."""
    places, rows, queries = _given()
    return np.stack([rows[places[t]] if t in places else queries[int(t)] for t in texts])


@cache
def _given() -> tuple[dict[str, int], np.ndarray, np.ndarray]:
    folder = Path(os.environ[FOLDER])
    texts = [row["text"] for row in _rows(folder)]
    places = {text: place for place, text in enumerate(texts)}
    return places, np.load(folder / "embeddings.npy"), np.load(folder / "queries.npy")


def _rows(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "rows.jsonl").read_bytes().splitlines()]


def index(folder: Path, probes: int) -> None:
    """Make the index with txtai's defaults, and once more with so many lists searched."""
    from txtai import Embeddings

    for place in (folder / "txtai-0", folder / f"txtai-{probes}"):
        shutil.rmtree(place, ignore_errors=True)
    made = Embeddings(
        method="external",
        transform="txtai_service.vectors_of",
        content=True,
        backend="faiss",
    )
    made.index((row["id"], row, None) for row in _rows(folder))
    made.save(str(folder / "txtai-0"))
    made.config["faiss"] = {"nprobe": probes}
    made.save(str(folder / f"txtai-{probes}"))


def serve(folder: Path, port: int, probes: int) -> None:
    """Serve an index until the process is ended."""
    config = {"path": str(folder / f"txtai-{probes}"), "writable": False, "embeddings": {}}
    os.environ["CONFIG"] = json.dumps(config)
    uvicorn.run("txtai.api:app", port=port, log_level="warning", access_log=False)


def main() -> None:
    folder, port, probes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    os.environ.update({FOLDER: str(folder), "ALLOW_RESOLVE_TRANSFORM": "True"})
    if port == "index":
        index(folder, probes)
    else:
        serve(folder, int(port), probes)


if __name__ == "__main__":
    main()
