"""Export a graph, import it by the server's own tool, beside a load of the same graph by Bolt."""

import shutil
import time
from pathlib import Path
from typing import Final

from benchmarks.generated import MODEL, PAPER_INTENTIONS, Generated
from benchmarks.loading import FOLDER, generated, is_there
from benchmarks.loading import settings as embedded
from benchmarks.machine import peak_memory_gb
from benchmarks.report import section, table
from benchmarks.server_loading import parts, put
from benchmarks.servers import SETTINGS, serving
from ingest.export import export
from kg.connect import connect
from kg.neo4j.admin_files import AdminFiles
from kg.neo4j.launch import run_import

LOADED: Final = 100_000
PLACE: Final = FOLDER / "import"


async def main() -> None:
    """Measure and report."""
    if not is_there(PAPER_INTENTIONS):
        await generated(PAPER_INTENTIONS)
    shutil.rmtree(PLACE, ignore_errors=True)
    loaded_s = await _loaded(PLACE / "loaded")
    start = time.perf_counter()
    async with connect(embedded(PAPER_INTENTIONS)) as store:
        await export(store, PLACE / "files", AdminFiles, progress=_silent)
    exported_s = time.perf_counter() - start
    imported_s = _imported(PLACE / "imported", PLACE / "files")
    files = sum(f.stat().st_size for f in (PLACE / "files").iterdir())
    shutil.rmtree(PLACE / "files")
    indexes_s = await _set_up(PLACE / "imported")
    by_bolt = LOADED / loaded_s
    rows = [
        _row("`miko export`", exported_s, PAPER_INTENTIONS, by_bolt),
        _row("`neo4j-admin database import full`", imported_s, PAPER_INTENTIONS, by_bolt),
        _row("both", exported_s + imported_s, PAPER_INTENTIONS, by_bolt),
        ["`miko setup`: every index, that of vectors too", f"{indexes_s:.0f} s", "", ""],
        _row(f"by Bolt, the first {LOADED:,}, no vector index", loaded_s, LOADED, by_bolt),
    ]
    section(
        "neo4j-import",
        "Import into Neo4j at the paper's scale",
        f"{PAPER_INTENTIONS:,} intentions with their embeddings, from the embedded store by the "
        f"way of files ({files / 1e9:.2f} GB) into a new database. Peak memory of Python: "
        f"{peak_memory_gb():.2f} GB.",
        table(["", "took", "intentions/s", "times as fast as by Bolt"], rows),
    )
    shutil.rmtree(PLACE)


def _row(name: str, seconds: float, intentions: int, by_bolt: float) -> list[str]:
    rate = intentions / seconds
    return [name, f"{seconds:.0f} s", f"{rate:,.0f}", f"{rate / by_bolt:.1f}"]


async def _loaded(home: Path) -> float:
    """Return the seconds that it takes to write a part of the graph by Bolt."""
    seconds = 0.0
    async with serving(home) as served, connect(served) as store:
        await store.require_model(MODEL)
        for part in parts(Generated(LOADED)):
            start = time.perf_counter()
            await put(store, part)
            seconds += time.perf_counter() - start
    return seconds


def _imported(home: Path, files: Path) -> float:
    """Return the seconds of the import tool, the start of its JVM included."""
    start = time.perf_counter()
    run_import(SETTINGS, home, files)
    return time.perf_counter() - start


async def _set_up(home: Path) -> float:
    async with serving(home) as served:
        start = time.perf_counter()
        async with connect(served) as store:
            await store.set_up()
        return time.perf_counter() - start


def _silent(done: int, total: int | None) -> None:
    """Show nothing: it is measured."""
