"""What is known of posts besides their text: descriptions of images, and intentions."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.formats.format import Parsed, Rejected
from ingest.formats.recognise import recognised, rows
from ingest.progress import Report
from kg.store import GraphStore, HeldIntention
from schema.errors import InputError
from schema.graph import Batch
from schema.nodes import Intention, Post
from schema.relations import Relation

PAGE_POSTS: Final = 200
ORDER: Final = {relation: place for place, relation in enumerate(Relation)}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a post.

    Attributes:
        description: Of its images; empty where there is none.
        intentions: Tails, in the order of relations, then of text.
        origin: Where the intentions come from: the file, or the runs. Never a feature.
    """

    description: str = ""
    intentions: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known, by post, and how many rows of files could not be read."""

    by_post: Mapping[str, Known]
    rejected: int = 0


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return files, and of folders the files in them, sorted.

    Raises:
        InputError: There is no such file.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} is not there: give a file of records, or a folder of them")
        found += sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    return found


def known_by_files(paths: Sequence[Path], wanted: Collection[str], progress: Report) -> Knowledge:
    """Return what files say of posts, in any format that ``miko load`` reads.

    Args:
        paths: The files; where two say something of one post, it is joined.
        wanted: Ids of posts; what is said of others is passed over.
        progress: Told after each file.

    Raises:
        FormatError: A file cannot be read, or is in no known format.
    """
    said: dict[str, list[tuple[str, str, Sequence[Intention]]]] = {}
    rejected = 0
    for done, path in enumerate(paths, start=1):
        for row in rows(path, recognised(path)):
            if isinstance(row, Parsed):
                for post_id, description, intentions in _said(row.batch, wanted):
                    said.setdefault(post_id, []).append((path.name, description, intentions))
            rejected += isinstance(row, Rejected)
        progress(done, len(paths))
    return Knowledge({post_id: _joined(some) for post_id, some in said.items()}, rejected)


async def known_by_graph(store: GraphStore, wanted: Sequence[str], progress: Report) -> Knowledge:
    """Return what a graph holds of posts, by their ids."""
    found: dict[str, Known] = {}
    for start in range(0, len(wanted), PAGE_POSTS):
        ids = wanted[start : start + PAGE_POSTS]
        for post, held in zip(await store.posts(ids), await store.intentions_of(ids), strict=True):
            if post is not None:
                found[post.id] = _held(post, held)
        progress(start + len(ids), len(wanted))
    return Knowledge(found)


def _said(batch: Batch, wanted: Collection[str]) -> Iterator[tuple[str, str, Sequence[Intention]]]:
    """Yield (post id, description, intentions) of the posts that are wanted."""
    by_id = {one.id: one for one in batch.intentions}
    for post in batch.posts:
        if post.id in wanted:
            own = [by_id[h.intention_id] for h in batch.has_intention if h.post_id == post.id]
            yield post.id, post.image_description, own


def _joined(said: Sequence[tuple[str, str, Sequence[Intention]]]) -> Known:
    descriptions = sorted({description for _, description, _ in said if description})
    origins = sorted({origin for origin, _, own in said if own})
    own = [one for _, _, own in said for one in own]
    return Known("\n".join(descriptions), _tails(own), ", ".join(origins))


def _held(post: Post, held: Sequence[HeldIntention]) -> Known:
    runs = sorted({one.has.run_id for one in held})
    return Known(post.image_description, _tails(one.intention for one in held), ", ".join(runs))


def _tails(intentions: Iterable[Intention]) -> tuple[str, ...]:
    ranked = sorted({(ORDER[one.relation], one.text) for one in intentions})
    return tuple(text for _, text in ranked)
