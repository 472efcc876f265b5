"""Loading files into the graph: as a stream, in transactions, what is malformed set aside.

Safe to stop at any moment and to run again: each batch is in the graph whole or not at all, and
writing what is there changes nothing.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

import anyio.to_thread

from ingest.formats.format import Format, Parsed, Rejected, Row, Skipped
from ingest.formats.lines import lines
from ingest.formats.posts import joined
from ingest.formats.recognise import named, recognised, rows
from ingest.formats.subgraph import SubgraphFormat
from ingest.link import link
from ingest.orphans import orphans
from ingest.progress import Report
from ingest.rejects import Rejects
from kg.store import GraphStore
from schema.errors import InputError
from schema.graph import Batch, Written
from schema.nodes import Post
from schema.text import squeeze

BATCH_ROWS: Final = 5_000
"""Rows of a file in one transaction: 50,000 intentions, where a row is a post."""

DELETED: Final = "is that of a post which was deleted at"
ORPHAN: Final = "of posts that were deleted, and of no others"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How files are read.

    Attributes:
        format_name: The format of all of them; None to recognise each.
        allow_deleted: Let posts in again that were deleted from the graph; else their rows are set
            aside.
    """

    format_name: str | None = None
    allow_deleted: bool = False


USUAL: Final = LoadOptions()


@dataclass(slots=True)
class FileReport:
    """What became of a file's rows.

    Attributes:
        path: The file.
        format: The name of its format.
        loaded: Rows that are in the graph.
        rejected: Rows, or fields of them, that were set aside.
        skipped: Rows that have no place in the graph, by reason.
    """

    path: Path
    format: str
    loaded: int = 0
    rejected: int = 0
    skipped: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of all files."""

    files: tuple[FileReport, ...]
    written: Written

    @property
    def rejected(self) -> int:
        """How many rows, or fields of them, were set aside."""
        return sum(file.rejected for file in self.files)


async def load(
    store: GraphStore,
    paths: Sequence[Path],
    *,
    rejects: Path,
    options: LoadOptions = USUAL,
    progress: Report,
) -> LoadReport:
    """Load files, link intentions to concepts, bring the indexes up to date.

    Args:
        store: The graph.
        paths: Files in any of the formats, mixed as you like.
        rejects: Where malformed rows are noted; written only where there are any.
        options: How they are read.
        progress: Told as rows are read.

    Raises:
        FormatError: A file cannot be opened, or is in no known format; told before anything is
            loaded.
        InputError: The reject file cannot be written, or is one of the files.
    """
    formats = formats_of(paths, rejects=rejects, format_name=options.format_name)
    reports: list[FileReport] = []
    written = Written()
    read = 0
    with Rejects(rejects) as set_aside:
        for path in paths:
            report = FileReport(path, formats[path].name)
            reports.append(report)
            left_out: Set[str] = frozenset()
            if not options.allow_deleted:
                left_out = await _orphans(store, path, formats[path])
            async for some in _rows(path, formats[path]):
                read += len(some)
                if options.allow_deleted:
                    await store.allow_deleted(_post_ids(some))
                allowed = await _without_deleted(store, _without(some, left_out))
                written += await _load_rows(store, allowed, report, set_aside)
                progress(read, None)
    written += await link(store)
    await store.refresh()
    return LoadReport(tuple(reports), written)


def formats_of(
    paths: Sequence[Path], *, rejects: Path, format_name: str | None = None
) -> dict[Path, Format]:
    """Return the format of each file that ``load`` is to read, before anything is opened to write.

    Raises:
        FormatError, InputError: As ``load``.
    """
    if rejects.resolve() in {path.resolve() for path in paths}:
        raise InputError(f"{rejects} is to be loaded: name another reject file by --rejects")
    return {path: _format_of(path, format_name) for path in paths}


def _format_of(path: Path, name: str | None) -> Format:
    if name is None:
        return recognised(path)
    next(lines(path), None)  # a file that cannot be opened is told now
    return named(name)


async def _rows(path: Path, written_in: Format) -> AsyncIterator[list[Row]]:
    """Read a file, so many rows at a time."""
    stream = rows(path, written_in)
    while some := await anyio.to_thread.run_sync(_next_rows, stream):
        yield some


def _next_rows(stream: Iterator[Row]) -> list[Row]:
    return list(islice(stream, BATCH_ROWS))


async def _orphans(store: GraphStore, path: Path, written_in: Format) -> Set[str]:
    """Return the nodes that a file has on account of deleted posts; other formats have none."""
    if not isinstance(written_in, SubgraphFormat):
        return frozenset()

    async def read() -> AsyncIterator[list[Batch]]:
        async for some in _rows(path, written_in):
            yield [row.batch for row in some if isinstance(row, Parsed)]

    return await orphans(store, read)


def _without(some: Sequence[Row], node_ids: Set[str]) -> list[Row]:
    """Return rows, those of some nodes skipped."""

    def is_of_them(row: Row) -> bool:
        return isinstance(row, Parsed) and any(
            node.id in node_ids
            for node in (*row.batch.intentions, *row.batch.concepts, *row.batch.runs)
        )

    return [Skipped(row.line, ORPHAN) if is_of_them(row) else row for row in some]


async def _without_deleted(store: GraphStore, some: Sequence[Row]) -> list[Row]:
    """Return rows, those of posts that were deleted rejected."""
    ids = _post_ids(some)
    times = dict(zip(ids, await store.deleted(ids), strict=True))
    return [_checked(row, times) for row in some]


def _checked(row: Row, deleted: Mapping[str, str | None]) -> Row:
    if isinstance(row, Parsed):
        for post in row.batch.posts:
            if (time := deleted[post.id]) is not None:
                return Rejected(row.line, "id", f"{DELETED} {time}; --allow-deleted lets it in")
    return row


def _post_ids(some: Sequence[Row]) -> list[str]:
    """Return the ids of the posts of rows, each once."""
    parsed = (row for row in some if isinstance(row, Parsed))
    return list({post.id: None for row in parsed for post in row.batch.posts})


async def _load_rows(
    store: GraphStore, some: Sequence[Row], report: FileReport, set_aside: Rejects
) -> Written:
    parsed = [row for row in some if isinstance(row, Parsed)]
    taken = await _taken_ids(store, parsed)
    batches: list[Batch] = []
    for row in some:
        match row:
            case Parsed():
                batch = _with_known_texts(row.batch, taken)
                if batch is None:
                    _reject(_conflict(row), report, set_aside)
                else:
                    batches.append(batch)
            case Rejected():
                _reject(row, report, set_aside)
            case Skipped():
                report.skipped[row.reason] += 1
    report.loaded += len(batches)
    return await store.put(joined(batches))


async def _taken_ids(store: GraphStore, parsed: Sequence[Parsed]) -> dict[str, str]:
    """Return the texts of the posts that are in the graph already, by id."""
    held = await store.posts(_post_ids(parsed))
    return {post.id: post.text for post in held if post is not None}


def _with_known_texts(batch: Batch, taken: dict[str, str]) -> Batch | None:
    """Return the batch, its posts' texts as first seen; None where one differs in its words.

    Files of one corpus space the same text differently: that is the same text.
    """
    if not batch.posts:
        return batch
    posts: list[Post] = []
    for post in batch.posts:
        first = taken.setdefault(post.id, post.text)
        if squeeze(first) != squeeze(post.text):
            return None
        posts.append(post if first == post.text else replace(post, text=first))
    return replace(batch, posts=tuple(posts))


def _conflict(row: Parsed) -> Rejected:
    return Rejected(row.line, "id", "is taken by a post with another text")


def _reject(row: Rejected, report: FileReport, set_aside: Rejects) -> None:
    report.rejected += 1
    set_aside.add(report.path, row)
