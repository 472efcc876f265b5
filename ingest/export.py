"""Writing a graph as the files of a format: all of them, or none."""

import errno
from collections.abc import AsyncGenerator, Generator, Mapping, Set
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Protocol

import anyio
import anyio.to_thread

from ingest.link import is_linked
from ingest.progress import Report
from ingest.whole_folder import WholeFolder
from kg.contents import Contents, contents, places, rows_of, unchanged
from kg.store import EmbeddingModel, GraphStore
from schema.errors import InputError, StoreFullError

NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


class ExportFiles(Protocol):
    """The files of a format, open to be written. Every method may raise OSError.

    Attributes:
        NAMES: Of all files.
        COMMAND: What imports them, run in the folder.
    """

    NAMES: ClassVar[frozenset[str]]
    COMMAND: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        """Open them in an empty folder."""
        ...

    @property
    def rows(self) -> Mapping[str, int]:
        """Return how many rows were added, by label and type, in the order of the import."""
        ...

    def add_graph(self, model: EmbeddingModel | None, *, version: int, linked: bool) -> None:
        """Add what the graph remembers of itself."""
        ...

    def add(self, page: Contents) -> None:
        """Add a page.

        Raises:
            InputError: It holds what these files cannot.
        """
        ...

    def sync(self) -> None:
        """Wait until all that was added is on the disk."""
        ...

    def close(self) -> None:
        """Close the files."""
        ...


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        rows: By label and type, in the order in which they are imported.
        command: What imports it, run in the folder.
    """

    rows: Mapping[str, int]
    command: str


async def export(
    store: GraphStore, folder: Path, kind: type[ExportFiles], *, progress: Report
) -> ExportReport:
    """Write a graph as files: the same content gives the same bytes, whatever the store.

    They are written to a folder beside the one that is asked for, which takes its place at the
    end.

    Args:
        store: The graph; only read.
        folder: Where to: a new folder, an empty one, or an earlier export, which is replaced; a
            symbolic link to one stays.
        kind: The format.
        progress: Told after each page how many nodes are written, RELATED's heads once more.

    Raises:
        InputError: The folder holds something else or cannot be written to; or a post holds what
            these files cannot.
        StoreFullError: There is no room for the files.
        StoreBusyError: The graph was written to meanwhile.
    """
    with _told(folder):
        async with (
            _whole(folder, kind.NAMES) as draft,
            unchanged(store, "exported") as version,
            _opened(kind, draft) as files,
        ):
            model, linked = await store.model(), await is_linked(store)
            files.add_graph(model, version=version, linked=linked)
            await _add_pages(store, files, progress)
    return ExportReport(files.rows, kind.COMMAND)


@asynccontextmanager
async def _whole(folder: Path, names: Set[str]) -> AsyncGenerator[Path]:
    """Give a folder to write to; it takes the other's place, unless something goes wrong."""
    whole = WholeFolder(folder, names)
    await anyio.to_thread.run_sync(whole.begin)
    try:
        yield whole.draft
        await anyio.to_thread.run_sync(whole.take_place)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(whole.give_up)
        raise


@asynccontextmanager
async def _opened(kind: type[ExportFiles], folder: Path) -> AsyncGenerator[ExportFiles]:
    """Give the files; at the end they are closed, and where all went well, on the disk."""
    files = await anyio.to_thread.run_sync(kind, folder)
    try:
        yield files
        await anyio.to_thread.run_sync(files.sync)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(files.close)


async def _add_pages(store: GraphStore, files: ExportFiles, progress: Report) -> None:
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
