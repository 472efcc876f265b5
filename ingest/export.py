"""Writing a graph as files for `neo4j-admin database import full`: all of them, or none.

They are written to a folder beside the one that is asked for, which takes its place at the end.
"""

import errno
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio.to_thread

from ingest.link import is_linked
from ingest.progress import Report
from kg.contents import contents, places, rows_of, unchanged
from kg.neo4j import admin_tables
from kg.neo4j.admin_files import AdminFiles
from kg.store import GraphStore
from schema.errors import InputError, StoreFullError

COMMAND: Final = f"neo4j-admin database import full neo4j @{admin_tables.ARGUMENTS}"
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        rows: By label and type, in the order in which they are imported.
        command: What imports it, run in the folder.
    """

    rows: Mapping[str, int]
    command: str = COMMAND


async def export(store: GraphStore, folder: Path, *, progress: Report) -> ExportReport:
    """Write a graph as files: the same content gives the same bytes, whatever the store.

    Args:
        store: The graph; only read.
        folder: Where to: a new folder, an empty one, or an earlier export, which is replaced.
        progress: Told after each page how many nodes are written, RELATED's heads once more.

    Raises:
        InputError: The folder holds something else or cannot be written to; or a post holds what
            these files cannot.
        StoreFullError: There is no room for the files.
        StoreBusyError: The graph was written to meanwhile.
    """
    with _told(folder), _whole(folder) as draft:
        async with unchanged(store, "exported") as version:
            with AdminFiles(draft) as files:
                model, linked = await store.model(), await is_linked(store)
                files.add_graph(model, version=version, linked=linked)
                await _add_pages(store, files, progress)
    return ExportReport(files.rows)


async def _add_pages(store: GraphStore, files: AdminFiles, progress: Report) -> None:
    done, total = 0, rows_of(await store.counts())
    async for place in places(store):
        await anyio.to_thread.run_sync(files.add, await contents(store, place))
        done += len(place.ids)
        progress(done, total)


@contextmanager
def _told(folder: Path) -> Generator[None]:
    """Say in this project's words why the files cannot be written."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFullError(
                f"there is no room for the files of {folder}: make some, or name a folder on "
                "another disk; what was written of them is removed"
            ) from error
        raise InputError(
            f"the folder {folder} cannot be written to ({error.strerror}): name another"
        ) from error


@contextmanager
def _whole(folder: Path) -> Generator[Path]:
    """Give a folder to write to; it takes the other's place, unless something goes wrong."""
    place = folder.absolute()
    draft = place.with_name(f"{place.name}.draft")
    for one in (place, draft):
        _check_ours(one)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
        if place.exists():
            shutil.rmtree(place)
        draft.rename(place)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _check_ours(folder: Path) -> None:
    """Refuse to remove what is no export."""
    if folder.is_dir():
        others = {path.name for path in folder.iterdir()} - set(admin_tables.names())
        if others:
            raise InputError(
                f"the folder {folder} holds something else ({min(others)}): name a new one"
            )
    elif folder.exists():
        raise InputError(f"{folder} is a file: name a folder")
