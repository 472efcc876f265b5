"""A load that is killed, then run again: nothing lost, nothing doubled."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from unit.ingest.written import record, written

from ingest.load import load
from kg.connect import connect
from kg.settings import StoreSettings
from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio

ROWS = 12_000
COMMAND = "import typer; from ingest.command import load; typer.run(load)"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = (
        record(
            id=f"pets:{number}",
            text=f"Meet dog {number} #adoptdontshop",
            intentions=[{"relation": "xWant", "text": f"walk dog {number} to the shelter"}],
            key_information={"object": f"leash {number % 1000}, dog, shelter"},
        )
        for number in range(ROWS)
    )
    return written(tmp_path_factory.mktemp("killed") / "posts.jsonl", *rows)


def start_load(graph: Path, file: Path) -> subprocess.Popen[bytes]:
    options = ["--store", f"sqlite:///{graph}", "--rejects", f"{graph}.rejects"]
    command = [sys.executable, "-c", COMMAND, str(file), *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("after_s", [0.8, 1.6, 2.4])
async def test_a_killed_load_is_finished_by_the_next(
    file: Path, tmp_path: Path, after_s: float
) -> None:
    killed = start_load(tmp_path / "graph.db", file)
    time.sleep(after_s)  # noqa: ASYNC251 the process is another one
    killed.kill()
    killed.wait()

    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as store:
        await load(store, [file], rejects=tmp_path / "rejects", progress=lambda _d, _t: None)

        counts = await store.counts()
        assert counts.nodes == {"Post": ROWS, "Intention": ROWS, "Concept": 1003, "Run": 0}
        assert counts.relationships == {
            "HAS_INTENTION": ROWS,
            "MENTIONS": 4 * ROWS,
            "ABOUT": 2 * ROWS,
            "RELATED": 0,
        }
        assert len(await store.match(NodeKind.INTENTION, "shelter", 2 * ROWS)) == ROWS
