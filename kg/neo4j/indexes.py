"""Which indexes there are, as the server says, and which of them answer."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, LiteralString

from kg.neo4j.database import Database, Row
from kg.neo4j.definitions import (
    SECOND,
    TAGS,
    VECTOR_NAMES,
    WORDS,
    Config,
    Definition,
    Place,
    is_plain_cosine,
)
from schema.errors import StoreError
from schema.nodes import NodeKind

SHOW: Final[LiteralString] = """
SHOW INDEXES YIELD name, state, populationPercent, type, labelsOrTypes, properties, options,
owningConstraint, failureMessage WHERE type <> 'LOOKUP'
RETURN name, state, populationPercent AS percent, type, labelsOrTypes AS labels, properties,
options.indexConfig AS config, owningConstraint AS owner, failureMessage AS failure ORDER BY name
"""
ONLINE: Final = "ONLINE"
FAILED: Final = "FAILED"
LOOK_AGAIN_S: Final = 1.0
"""Where an index is missing, how often it is looked whether another process has made it."""


@dataclass(frozen=True, slots=True)
class HeldIndex:
    """An index that is there.

    Attributes:
        name: Its name.
        state: ONLINE, POPULATING or FAILED.
        percent: How much of it is built.
        type: RANGE, FULLTEXT, VECTOR and others.
        labels: Of the nodes, or types of the relationships.
        properties: Of these; of a vector index, the embedding first, then its conditions.
        config: Its options.
        is_owned: A constraint made it.
        failure: Why it failed.
    """

    name: str
    state: str
    percent: float
    type: str
    labels: frozenset[str]
    properties: tuple[str, ...]
    config: Config
    is_owned: bool
    failure: str

    @property
    def is_online(self) -> bool:
        """Whether it can be asked."""
        return self.state == ONLINE

    def stands_at(self, place: Place, definition: Definition) -> bool:
        """Whether it leaves no room for an index at a place."""
        has_schema = (self.type, self.labels, self.properties) == (
            definition.type,
            place.labels,
            place.properties,
        )
        return self.name == place.name or has_schema

    def is_of(self, definition: Definition) -> bool:
        """Whether it has one of the definition's names, and so is this project's."""
        return self.name in {place.name for place in definition.places}

    def fits(self, definition: Definition) -> bool:
        """Whether it is as the definition says, at one of its places."""
        return definition.fits(self.config) and any(
            (self.name, self.type, self.labels, self.properties)
            == (place.name, definition.type, place.labels, place.properties)
            for place in definition.places
        )


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """A vector index that answers."""

    name: str
    dimensions: int
    takes_relations: bool


@dataclass(frozen=True, slots=True)
class Answering:
    """The indexes that answer now.

    Attributes:
        vectors: By kind.
        words: Name of the full-text index, by kind.
        tags: Name of the full-text index of what posts are labelled with.
    """

    vectors: Mapping[NodeKind, VectorIndex] = field(default_factory=dict[NodeKind, VectorIndex])
    words: Mapping[NodeKind, str] = field(default_factory=dict[NodeKind, str])
    tags: str | None = None

    def words_of(self, kind: NodeKind) -> str:
        """Return the name of the full-text index of a kind.

        Raises:
            StoreError: None answers.
        """
        if kind not in self.words:
            raise StoreError(f"no full-text index of {kind.value} answers: run `miko setup`")
        return self.words[kind]

    def lacks(self, kind: NodeKind, dimensions: int | None) -> bool:
        """Whether an index that searches a kind, for vectors of so many dimensions, is missing."""
        index = self.vectors.get(kind)
        is_there = index is not None and dimensions in (None, index.dimensions)
        return not is_there or kind not in self.words or self.tags is None


class Indexes:
    """What answers, as it was last seen: a search does not ask again.

    What another process has dropped is seen when a search fails, what it has made within
    LOOK_AGAIN_S.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Answering()
        self._seen_at = -LOOK_AGAIN_S

    async def answering(self, kind: NodeKind, dimensions: int | None = None) -> Answering:
        """Return the indexes that answer, those that search a kind among them if they are there."""
        if self._known.lacks(kind, dimensions) and time.monotonic() - self._seen_at >= LOOK_AGAIN_S:
            await self.look()
        return self._known

    async def look(self) -> None:
        """Ask the server."""
        self._known = answering(await found(self._database))
        self._seen_at = time.monotonic()

    async def are_others(self, used: Answering) -> bool:
        """Whether others answer than a search used, which has failed: asks unless it is known."""
        if self._known == used:
            await self.look()
        return self._known != used


async def found(database: Database) -> list[HeldIndex]:
    """Return the indexes that are there, by rising name."""
    return [_found(row) for row in await database.read(lambda t: t.rows(SHOW))]


def answering(held: Sequence[HeldIndex]) -> Answering:
    """Return which of the indexes answer: of two at their places, the one that is as it should."""
    online = {one.name: one for one in held if one.is_online}
    words = {kind: _of(online, definition) for kind, definition in WORDS.items()}
    vectors = {kind: _of_vectors(online, kind) for kind in NodeKind}
    tags = _of(online, TAGS)
    return Answering(
        {kind: index for kind, index in vectors.items() if index is not None},
        {kind: one.name for kind, one in words.items() if one is not None},
        None if tags is None else tags.name,
    )


def _of(online: Mapping[str, HeldIndex], definition: Definition) -> HeldIndex | None:
    there = [online[place.name] for place in definition.places if place.name in online]
    return max(there, key=lambda one: one.fits(definition), default=None)


def _of_vectors(online: Mapping[str, HeldIndex], kind: NodeKind) -> VectorIndex | None:
    names = (VECTOR_NAMES[kind], VECTOR_NAMES[kind] + SECOND)
    there = [online[name] for name in names if name in online]
    if not there:
        return None
    best = max(there, key=lambda one: (is_plain_cosine(one.config), len(one.properties)))
    dimensions = int(best.config.get("vector.dimensions", 0))
    return VectorIndex(best.name, dimensions, takes_relations="relation" in best.properties)


def _found(row: Row) -> HeldIndex:
    return HeldIndex(
        row["name"],
        row["state"],
        row["percent"] or 0.0,
        row["type"],
        frozenset(row["labels"] or ()),
        tuple(row["properties"] or ()),
        row["config"] or {},
        row["owner"] is not None,
        row["failure"] or "",
    )
