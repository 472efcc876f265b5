"""Copying a graph to another store: resumable, safe to run twice, nothing that is there is lost.

Two marks on the target say where a copy is; they are 0 when it is done. Its pages are those of
kg.contents, so the number of pages that are written is all that must be known to go on.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ingest import link
from ingest.progress import Report
from kg.contents import PAGE_ROWS, Contents, Place, contents, places, rows_of, unchanged
from kg.store import Counts, EmbeddingModel, GraphStore
from schema.errors import EmbeddingModelError, InputError
from schema.graph import Batch, RelationshipType, Written
from schema.nodes import NodeKind

SOURCE: Final = "copy_source"
"""Tells the source, and what was in it, from every other; 0 where no copy is under way."""

PAGES: Final = "copy_pages"
"""How many pages are written."""

PROBE: Final = "copy_probe"
"""Tells, for a moment, whether source and target are one graph."""


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What a copy wrote: what was there before, also by a copy that was stopped, is not counted."""

    written: Written
    embedded: int


@dataclass(frozen=True, slots=True)
class _Source:
    """What a graph is when its copy begins."""

    store: GraphStore
    address: str
    identity: str
    version: int
    model: EmbeddingModel | None
    counts: Counts

    @classmethod
    async def now(cls, store: GraphStore, address: str, version: int) -> Self:
        """Ask what it is."""
        model, counts = await store.model(), await store.counts()
        return cls(store, address, await store.identity(), version, model, counts)

    @property
    def number(self) -> int:
        """Return a number above 0 that another source, or this one changed, does not have."""
        is_now = (self.version, self.model, self.counts)
        told = repr((self.address, self.identity, *is_now, PAGE_ROWS))
        return int.from_bytes(hashlib.blake2b(told.encode(), digest_size=7).digest()) + 1


async def copy(
    source: GraphStore, target: GraphStore, *, address: str, progress: Report
) -> CopyReport:
    """Copy a graph, its embeddings included, then bring the target's indexes up to date.

    What the target has stays, and takes what the source adds, as in a load. A copy that was
    stopped goes on; where its source is another, or has changed since, it begins anew.

    Args:
        source: The graph to copy; only read.
        target: Where to.
        address: Of the source, always written the same way (kg.connect.one_address).
        progress: Told after each page how many nodes are copied, RELATED's heads once more.

    Raises:
        EmbeddingModelError: The target was embedded by another model; nothing was written.
        TextConflictError: A post's id is taken in the target by another text.
        InputError: Source and target are one graph.
        StoreBusyError: The source was written to meanwhile.
    """
    async with unchanged(source, "copied") as version:
        begun = await _Source.now(source, address, version)
        if await _is_source(target, begun):
            raise InputError("source and target are one graph: name another target")
        await _begin(begun, target)
        report = await _copy_pages(begun, target, progress)
    if await link.is_linked(source):
        await _keep_links(begun, target)
    await target.refresh()
    await _end(target)
    return report


async def _is_source(target: GraphStore, source: _Source) -> bool:
    """Whether the target is the source by another address, and not a copy of its files."""
    if await target.identity() != source.identity:
        return False
    number = 1 + secrets.randbits(48)
    await target.set_mark(PROBE, number)
    try:
        return await source.store.mark(PROBE) == number
    finally:
        await target.set_mark(PROBE, 0)


async def _begin(source: _Source, target: GraphStore) -> None:
    """Go on with the copy that the target's marks tell of, or begin one."""
    held = await target.model()
    if source.model is not None and held not in (None, source.model):
        raise EmbeddingModelError(str(held), str(source.model))
    if await target.mark(SOURCE) != source.number:
        await target.set_mark(PAGES, 0)
        await target.set_mark(SOURCE, source.number)
    if source.model is not None:
        await target.require_model(source.model)


async def _keep_links(source: _Source, target: GraphStore) -> None:
    """Say that the target is linked, where it has no more to link, and no more links, than that.

    It has all that the source has: as many are the same.
    """
    version = await target.version()  # before it is counted: what is written later is seen later
    if _linking(await target.counts()) == _linking(source.counts):
        await target.set_mark(link.MARK, version)


def _linking(counts: Counts) -> tuple[int, ...]:
    kinds = (NodeKind.INTENTION, NodeKind.CONCEPT)
    return (*(counts.nodes[kind] for kind in kinds), counts.relationships[RelationshipType.ABOUT])


async def _end(target: GraphStore) -> None:
    for mark in (SOURCE, PAGES):
        await target.set_mark(mark, 0)


async def _copy_pages(source: _Source, target: GraphStore, progress: Report) -> CopyReport:
    done, total = await target.mark(PAGES), rows_of(source.counts)
    written, embedded, rows, number = Written(), 0, 0, 0
    async for place in places(source.store):
        number += 1
        if number > done:
            page = await contents(source.store, place)
            written += await _put(target, page)
            embedded += await _put_embeddings(target, place, page)
            await target.set_mark(PAGES, number)
        rows += len(place.ids)
        progress(rows, total)
    return CopyReport(written, embedded)


async def _put(target: GraphStore, page: Contents) -> Written:
    return Written() if page.batch == Batch() else await target.put(page.batch)


async def _put_embeddings(target: GraphStore, place: Place, page: Contents) -> int:
    if place.kind is None or not page.embeddings:
        return 0
    block = np.stack(list(page.embeddings.values()))
    return await target.put_embeddings(place.kind, list(page.embeddings), block)
