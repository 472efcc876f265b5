"""Groups of similar intentions, each named by its medoid.

Sphere exclusion (Butina, J. Chem. Inf. Comput. Sci. 1999, with the neighbours counted again after
each group): the intention with the most others within a similarity makes the first group of all of
these; what is left makes the next. The result
depends on the set of intentions alone, not on the order in which they were written, and the first
groups are found without the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from kg.store import SIMILARITY_DIGITS, GraphStore, Vector
from schema.errors import QueryError
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind

SAMPLE: Final = 8192
"""Most intentions that are compared with one another. Ids are hashes, so those that come first by
their ids are drawn as by chance, and are always the same."""

BLOCK_ROWS: Final = 1024
SIMILARITY: Final = 0.7
"""What a group's members have with the one that it is built around, at least, unless told."""


@dataclass(frozen=True, slots=True)
class Group:
    """Intentions that mean much the same.

    Attributes:
        medoid_id: The member that is most similar to the others, together.
        size: How many members there are in the sample.
        cohesion: Mean cosine of the members to the medoid.
        member_ids: The members, by falling similarity to the medoid, ties by rising id; the medoid
            is the first.
    """

    medoid_id: str
    size: int
    cohesion: float
    member_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """The largest groups.

    Attributes:
        total: How many intentions pass.
        sampled: How many of them were compared; those without an embedding are left out.
        groups: By falling size, ties by rising id of what they are built around.
    """

    total: int
    sampled: int
    groups: tuple[Group, ...]


async def groups(
    store: GraphStore,
    where: Filter = EVERYTHING,
    *,
    similarity: float = SIMILARITY,
    first: int = 10,
    members: int = 100,
) -> Groups:
    """Group the intentions that pass, all of them up to SAMPLE, else as many drawn by chance.

    Args:
        store: The graph.
        where: Which intentions.
        similarity: Least cosine of a member to the one that the group is built around.
        first: Most groups.
        members: Most members that a group names.

    Raises:
        QueryError: The similarity is not above 0 and below 1.
    """
    if not 0 < similarity < 1:
        raise QueryError(f"similarity is {similarity}: it lies between 0 and 1, and is neither")
    total = await store.count(NodeKind.INTENTION, where)
    page = await store.ids(NodeKind.INTENTION, where=where, limit=SAMPLE)
    found = await store.embeddings(NodeKind.INTENTION, page.ids)
    pairs = [(i, e) for i, e in zip(page.ids, found, strict=True) if e is not None]
    if not pairs:
        return Groups(total, 0, ())
    ids, embeddings = [i for i, _ in pairs], np.array([e for _, e in pairs], np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)  # kept at half precision
    made = await anyio.to_thread.run_sync(_groups, ids, embeddings, similarity, (first, members))
    return Groups(total, len(ids), tuple(made))


def _groups(
    ids: Sequence[str], embeddings: Vector, similarity: float, most: tuple[int, int]
) -> list[Group]:
    first, members = most
    return [
        _group(ids, embeddings, rows, members) for rows in spheres(embeddings, similarity, first)
    ]


def _group(ids: Sequence[str], embeddings: Vector, rows: NDArray[np.int64], members: int) -> Group:
    """Name a group; rows rise, and so do their ids, so that a stable order keeps ties by id."""
    own = embeddings[rows]
    medoid = int(_rounded(own @ own.sum(axis=0)).argmax())
    cosines: list[float] = _rounded(own @ own[medoid]).tolist()
    order = sorted(range(len(rows)), key=lambda n: (n != medoid, -cosines[n], n))
    return Group(
        medoid_id=ids[int(rows[medoid])],
        size=len(rows),
        cohesion=sum(cosines) / len(rows),
        member_ids=tuple(ids[int(rows[n])] for n in order[:members]),
    )


def spheres(
    embeddings: Vector, similarity: float, most: int | None = None
) -> list[NDArray[np.int64]]:
    """Return the rows of each group, the largest group first; ties go to the earlier row.

    Args:
        embeddings: (n, dimensions), of unit length.
        similarity: Least cosine to the row that the group is built around.
        most: Most groups; None for all.
    """
    near = _near(embeddings, similarity)
    left = np.ones(len(embeddings), np.bool_)
    degrees = near.sum(axis=1, dtype=np.int64)
    found: list[NDArray[np.int64]] = []
    while left.any() and (most is None or len(found) < most):
        rows = np.flatnonzero(near[int(degrees.argmax())] & left)
        found.append(rows)
        left[rows] = False
        degrees -= near[rows].sum(axis=0, dtype=np.int64)
        degrees[rows] = -1
    return found


def _near(embeddings: Vector, similarity: float) -> NDArray[np.bool_]:
    """Say of each pair of rows whether their cosine is so great, (n, n), symmetric."""
    near = np.empty((len(embeddings), len(embeddings)), np.bool_)
    for start in range(0, len(embeddings), BLOCK_ROWS):
        block, rest = slice(start, start + BLOCK_ROWS), slice(start + BLOCK_ROWS, None)
        cosines = embeddings[block] @ embeddings[start:].T
        np.greater_equal(cosines, similarity, out=near[block, start:])
        near[block, block] |= near[block, block].T
        near[rest, block] = near[block, rest].T
    np.fill_diagonal(near, val=True)
    return near


def _rounded(cosines: Vector) -> NDArray[np.float64]:
    return cosines.astype(np.float64).round(SIMILARITY_DIGITS)
