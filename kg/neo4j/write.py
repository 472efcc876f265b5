"""Writing a batch: its nodes, then its relationships, each end found or the whole refused."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final, LiteralString

from tantivy import TextAnalyzer

from kg.neo4j import meta, relationships
from kg.neo4j.batches import over
from kg.neo4j.database import Row, Transaction
from kg.neo4j.relationships import Key, Relationship, with_confidence
from kg.neo4j.rows import Properties
from kg.neo4j.write_nodes import put_concepts, put_intentions, put_posts, put_runs
from schema.errors import NodeNotFoundError
from schema.graph import (
    NO_RUN,
    About,
    Batch,
    HasIntention,
    RelationshipType,
    Written,
    named,
)
from schema.nodes import NodeKind


@dataclass(frozen=True, slots=True)
class Statements:
    """How one type of relationship is read, created and changed.

    Attributes:
        held: Gives ``place`` and ``values`` of those of ``$rows`` that are there, from ``$first``.
        create: Creates ``$rows``, each with ``start``, ``end`` and ``values``.
        change: Sets ``values`` of ``$rows`` that are there.
    """

    held: LiteralString
    create: LiteralString
    change: LiteralString


def _statements(
    start: LiteralString, kind: LiteralString, end: LiteralString, key: LiteralString
) -> Statements:
    each: LiteralString = "UNWIND $rows AS row "
    placed: LiteralString = (
        "UNWIND range(0, size($rows) - 1) AS n WITH $first + n AS place, $rows[n] AS row "
    )
    ends: LiteralString = (
        "MATCH (s:" + start + " {id: row.start}) USING INDEX SEEK s:" + start + "(id) "
        "MATCH (e:" + end + " {id: row.end}) USING INDEX SEEK e:" + end + "(id) "
    )
    there: LiteralString = ends + "MATCH (s)-[r:" + kind + " {" + key + "}]->(e) "
    return Statements(
        placed + there + "RETURN place, properties(r) AS values",
        each + ends + "CREATE (s)-[r:" + kind + "]->(e) SET r = row.values",
        each + there + "SET r += row.values",
    )


HAS_INTENTION: Final = _statements("Post", "HAS_INTENTION", "Intention", "run: row.values.run")
JUDGED: Final = _statements(
    "Post", "JUDGED", "Intention", "annotator: row.values.annotator, time: row.values.time"
)
MENTIONS: Final = _statements(
    "Post",
    "MENTIONS",
    "Concept",
    "aspect: row.values.aspect, raw: row.values.raw, run: row.values.run",
)
ABOUT: Final = _statements("Intention", "ABOUT", "Concept", "method: row.values.method")
RELATED: Final = _statements(
    "Concept",
    "RELATED",
    "Concept",
    "relation: row.values.relation, source: row.values.source",
)
_HELD: Final[tuple[LiteralString, ...]] = ("Post", "Intention", "Concept", "Run")
HELD: Final[dict[str, LiteralString]] = {
    label: "UNWIND $rows AS id MATCH (n:"
    + label
    + " {id: id}) USING INDEX SEEK n:"
    + label
    + "(id) "
    "RETURN collect(n.id) AS ids"
    for label in _HELD
}
DROP_ABOUT: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (i:Intention {id: row.id})-[r:ABOUT]->(c:Concept)
USING INDEX SEEK i:Intention(id)
WHERE NOT [c.id, r.method] IN row.kept
DELETE r RETURN count(r) AS dropped
"""

ESTIMATED: Final = ("plausibility", "estimator")

Merge = Callable[[Mapping[str, Any], Mapping[str, Any]], Properties]


async def put(transaction: Transaction, batch: Batch, cut: TextAnalyzer) -> Written:
    """Write a batch within the transaction at hand (GraphStore.put)."""
    kinds: tuple[tuple[str, Statements, Iterable[Relationship], Merge], ...] = (
        (
            "HAS_INTENTION",
            HAS_INTENTION,
            map(relationships.has_intention, batch.has_intention),
            _surest,
        ),
        ("Judgement", JUDGED, map(relationships.judged, batch.judgements), _least_choice),
        ("MENTIONS", MENTIONS, map(relationships.mentions, batch.mentions), _first),
        ("ABOUT", ABOUT, map(relationships.about, batch.about), _greatest),
        ("RELATED", RELATED, map(relationships.related, batch.related), _greatest),
    )
    with ThreadPoolExecutor(1) as pool:  # they are merged while the server writes the nodes
        merged = [pool.submit(_merged, rows, merge) for _, _, rows, merge in kinds]
        version = await meta.lock(transaction)
        ids = _named(batch)
        held = await _held(transaction, ids)
        _check_ends(batch, ids, held)
        counts = {
            "Run": await put_runs(transaction, batch.runs, held["Run"]),
            NodeKind.POST.value: await put_posts(
                transaction, batch.posts, held["Post"], cut, version
            ),
            NodeKind.INTENTION.value: await put_intentions(
                transaction, batch.intentions, held["Intention"], cut, version
            ),
            NodeKind.CONCEPT.value: await put_concepts(
                transaction, batch.concepts, held["Concept"], cut, version
            ),
        }
        there = held["Post"] | held["Intention"] | held["Concept"]
        for (name, statements, _, merge), new in zip(kinds, merged, strict=True):
            rows = await asyncio.wrap_future(new)
            counts[name] = await _put(transaction, statements, rows, merge, there)
    if any(counts.values()):
        await meta.written(transaction, version)
    return Written({name: n for name, n in counts.items() if n})


async def replace_about(
    transaction: Transaction, intention_ids: Sequence[str], about: Sequence[About]
) -> Written:
    """Make these the only ABOUT relationships of the intentions (GraphStore.replace_about)."""
    version = await meta.lock(transaction)
    batch = Batch(about=tuple(about))
    ids = _named(batch)
    ids["Intention"] |= set(intention_ids)
    held = await _held(transaction, ids)
    _check_ends(batch, ids, held)
    kept: dict[str, list[list[str]]] = {intention_id: [] for intention_id in intention_ids}
    for link in about:
        kept.setdefault(link.intention_id, []).append([link.concept_id, link.method])
    dropped = await over(
        transaction, DROP_ABOUT, list(kept.items()), lambda own: {"id": own[0], "kept": own[1]}
    )
    written = sum(int(row["dropped"]) for row in dropped) + await _put(
        transaction,
        ABOUT,
        _merged(map(relationships.about, about), _greatest),
        _greatest,
        held["Intention"] | held["Concept"],
    )
    if written:
        await meta.written(transaction, version)
    return Written({RelationshipType.ABOUT.value: written} if written else {})


async def replace_plausibility(
    transaction: Transaction, has_intention: Sequence[HasIntention]
) -> Written:
    """Give pairs this plausibility (GraphStore.replace_plausibility)."""
    version = await meta.lock(transaction)
    batch = Batch(has_intention=tuple(has_intention))
    ids = _named(batch)
    _check_ends(batch, ids, await _held(transaction, ids))
    given = [relationships.has_intention(one) for one in has_intention]
    held = await over(transaction, HAS_INTENTION.held, given, _row)
    changed = [
        replace(new, values=values)
        for row in held
        if (values := _estimated(row["values"], (new := given[int(row["place"])]).values))
        != _estimated(row["values"], row["values"])
    ]
    await over(transaction, HAS_INTENTION.change, changed, _row)
    if changed:
        await meta.written(transaction, version)
    return Written({RelationshipType.HAS_INTENTION.value: len(changed)} if changed else {})


async def _held(transaction: Transaction, ids: Mapping[str, Set[str]]) -> dict[str, set[str]]:
    """Return those of some ids that are in the graph, by label."""
    held: dict[str, set[str]] = {}
    for label, own in ids.items():
        rows = await over(transaction, HELD[label], sorted(own), str)
        held[label] = {node_id for row in rows for node_id in row["ids"]}
    return held


def _named(batch: Batch) -> dict[str, Set[str]]:
    """Return the ids of the nodes that a batch names, by label."""
    ids = named(batch)
    return {
        "Post": ids.posts,
        "Intention": ids.intentions,
        "Concept": ids.concepts,
        "Run": ids.runs,
    }


def _check_ends(batch: Batch, ids: Mapping[str, Set[str]], held: Mapping[str, Set[str]]) -> None:
    new = {
        "Post": {p.id for p in batch.posts},
        "Intention": {i.id for i in batch.intentions},
        "Concept": {c.id for c in batch.concepts},
        "Run": {r.id for r in batch.runs},
    }
    for label, own in ids.items():
        if gone := own - held[label] - new[label]:
            raise NodeNotFoundError(min(gone))


def _merged(relationships: Iterable[Relationship], merge: Merge) -> dict[Key, Relationship]:
    """Return relationships by what tells them apart, each once."""
    merged: dict[Key, Relationship] = {}
    for one in relationships:
        key = one.identity
        if (other := merged.get(key)) is None:
            merged[key] = one
        else:
            merged[key] = replace(other, values=merge(other.values, one.values))
    return merged


async def _put(
    transaction: Transaction,
    statements: Statements,
    new: Mapping[Key, Relationship],
    merge: Merge,
    there: Set[str],
) -> int:
    """Write relationships of one type; return how many are new or changed.

    One that is in the graph already lies between two nodes that were ``there`` before.
    """
    old = [one for one in new.values() if one.start in there and one.end in there]
    held: dict[Key, Row] = {
        old[int(row["place"])].identity: row["values"]
        for row in await over(transaction, statements.held, old, _row)
    }
    created = [one for key, one in new.items() if key not in held]
    changed = [
        replace(new[key], values=merged)
        for key, values in held.items()
        if (merged := merge(values, new[key].values)) != values
    ]
    await over(transaction, statements.create, created, _row)
    await over(transaction, statements.change, changed, _row)
    return len(created) + len(changed)


def _row(one: Relationship) -> Properties:
    return {"start": one.start, "end": one.end, "values": one.values}


def _surest(held: Mapping[str, Any], new: Mapping[str, Any]) -> Properties:
    first = max(held, new, key=_goes_before)
    kept = {name: first[name] for name in ESTIMATED if name in first}
    rest = {name: value for name, value in held.items() if name not in ESTIMATED}
    return with_confidence({**rest, **kept, "raw": min(held["raw"], new["raw"])})


def _goes_before(values: Mapping[str, Any]) -> tuple[bool, float, str]:
    """Return what orders plausibilities: an estimate, then the greater, then the greater run."""
    estimator = values.get("estimator", NO_RUN)
    return estimator != NO_RUN, values.get("plausibility", -1.0), estimator


def _estimated(held: Mapping[str, Any], new: Mapping[str, Any]) -> Properties:
    return {**held, **{name: new.get(name) for name in (*ESTIMATED, "confidence")}}


def _least_choice(held: Mapping[str, Any], new: Mapping[str, Any]) -> Properties:
    return {**held, "choice": min(held["choice"], new["choice"])}


def _first(held: Mapping[str, Any], new: Mapping[str, Any]) -> Properties:  # noqa: ARG001
    return dict(held)


def _greatest(held: Mapping[str, Any], new: Mapping[str, Any]) -> Properties:
    """Take the greater of each value; those that tell relationships apart are the same."""
    return {name: max(value, new[name]) for name, value in held.items()}
