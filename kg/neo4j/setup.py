"""Making what is missing: constraints and indexes, and a changed definition beside the old one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final, LiteralString

import anyio

from kg.neo4j import meta
from kg.neo4j.database import Database, Transaction
from kg.neo4j.definitions import DROP, DROP_CONSTRAINT, MARKED, PLAIN, Definition, Place, Plain
from kg.neo4j.indexes import FAILED, HeldIndex, found
from kg.neo4j.rows import LABEL
from kg.setup import Progress, SetUp
from schema.errors import StoreError, TimeLimitError
from schema.nodes import NodeKind

LONGEST_WAIT_S: Final = 3600.0
PAUSE_S: Final = 0.1
MARK_ROWS: Final = 20_000
MARK: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ") WHERE n.embedding IS NOT NULL AND NOT n:" + label + " "
    "WITH n LIMIT $limit SET n:" + label + " RETURN count(n) AS marked"
    for kind, label in MARKED.items()
}


async def set_up(
    database: Database, definitions: Sequence[Definition], progress: Progress
) -> SetUp:
    """Make the constraints, the range indexes and these; wait until all can be asked.

    An index of another definition answers until the new one does; then it is dropped. One that
    failed is built anew. Safe to stop and to run again.

    Raises:
        StoreError: One cannot be built; the message says which, and why.
    """
    held = await _without_failed(database, _names(definitions))
    done = await _plain(database, held)
    for definition in definitions:
        done = await _begun(database, definition, held, done)
    held = await _until_online(database, definitions, progress)
    for definition in definitions:
        await _drop_others(database, definition, held)
    return done


async def drop(database: Database, names: Iterable[str]) -> None:
    """Drop indexes by name, those that are there."""
    for name in names:
        await database.run(DROP, name=name)


def _names(definitions: Iterable[Definition]) -> set[str]:
    """Return the names that are set up: those of some definitions, and of all that is plain."""
    places = {place.name for definition in definitions for place in definition.places}
    return places | {plain.name for plain in PLAIN}


async def _without_failed(database: Database, names: Collection[str]) -> list[HeldIndex]:
    """Drop what failed under some names, which is never asked again; return what is there."""
    held = await found(database)
    failed = [one for one in held if one.state == FAILED and one.name in names]
    for one in failed:
        await database.run(DROP_CONSTRAINT if one.is_owned else DROP, name=one.name)
    return [one for one in held if one not in failed]


async def _plain(database: Database, held: Sequence[HeldIndex]) -> SetUp:
    """Make constraints and range indexes; a plain index where a constraint is to be makes way."""
    done = SetUp()
    for wanted in PLAIN:
        there = [one for one in held if _has_schema(one, wanted)]
        if any(one.is_owned or not wanted.is_unique for one in there):
            done = replace(done, there=(*done.there, wanted.name))
            continue
        for one in there:
            await database.run(DROP, name=one.name)
        await database.run(wanted.create)
        done = replace(done, made=(*done.made, wanted.name))
    return done


def _has_schema(one: HeldIndex, wanted: Plain) -> bool:
    return (one.type, one.labels, one.properties) == (
        "RANGE",
        frozenset({wanted.of}),
        wanted.properties,
    )


async def _begun(
    database: Database, definition: Definition, held: Sequence[HeldIndex], done: SetUp
) -> SetUp:
    """Begin to build an index where none is as it should be."""
    of_it = [one for one in held if one.is_of(definition)]
    fitting = [one for one in of_it if one.fits(definition)]
    if fitting:
        return replace(done, there=(*done.there, fitting[0].name))
    place = await _free_place(database, definition, held)
    if definition.marks is not None and place is definition.places[1]:
        await _mark(database, definition.marks)
    await database.run(place.create, **definition.parameters)
    if of_it:
        return replace(done, migrated=(*done.migrated, place.name))
    return replace(done, made=(*done.made, place.name))


async def _free_place(
    database: Database, definition: Definition, held: Sequence[HeldIndex]
) -> Place:
    """Return a place where nothing stands; where there is none, what answers least makes way."""
    for place in definition.places:
        if not any(one.stands_at(place, definition) for one in held):
            return place
    own = [p for p in definition.places if any(one.name == p.name for one in held)]
    if not own:
        raise StoreError(
            f"other indexes stand where {definition.places[0].name} is to be: drop one"
        )
    online = {one.name for one in held if one.is_online}
    place = min(own, key=lambda p: p.name in online)
    await database.run(DROP, name=place.name)
    return place


async def _mark(database: Database, kind: NodeKind) -> None:
    """Give the embedded nodes of a kind their second label, and let writers do so from now on."""
    await database.write(lambda t: meta.mark_embedded(t, kind))
    while await database.write(lambda t: _mark_some(t, kind)):
        pass


async def _mark_some(transaction: Transaction, kind: NodeKind) -> int:
    await meta.lock(transaction)
    return int((await transaction.row(MARK[kind], limit=MARK_ROWS))["marked"])


async def _until_online(
    database: Database, definitions: Sequence[Definition], progress: Progress
) -> list[HeldIndex]:
    """Wait until all can be asked; return every index that is there then."""
    names = _names(definitions)
    with anyio.move_on_after(LONGEST_WAIT_S):
        while True:
            try:
                held = await found(database)
            except TimeLimitError:  # it builds, and has no time to say so
                continue
            own = [one for one in held if one.name in names]
            _check(own)
            waited = [one for one in own if not one.is_online]
            if not waited:
                return held
            progress(waited[0].name, min(one.percent for one in waited))
            await anyio.sleep(PAUSE_S)
    raise StoreError(f"the indexes are not built after {LONGEST_WAIT_S:g} s: run `miko setup`")


def _check(held: Sequence[HeldIndex]) -> None:
    for one in held:
        if one.state == FAILED:
            why = one.failure.strip().partition("\n")[0]
            raise StoreError(
                f"the index {one.name} failed ({why}): mend that, then run `miko setup`"
            )


async def _drop_others(
    database: Database, definition: Definition, held: Sequence[HeldIndex]
) -> None:
    """Drop what stands at a place of an index that answers, and is not as it should be."""
    own = {one.name: one for one in held if one.is_of(definition)}
    if any(one.is_online and one.fits(definition) for one in own.values()):
        for place in definition.places:
            if place.name in own and not own[place.name].fits(definition):
                await database.run(DROP, name=place.name)
