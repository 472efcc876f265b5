"""A whole traversal in one statement: the server expands hop after hop, choosing as Walk does.

What it chose is checked by Walk itself: where the two differ (the last bit of a power, or more
parallel relationships than were read), the answer is None, and the traversal is made hop by hop.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from itertools import chain
from typing import Final, LiteralString

from kg.breadth_first import Arc, Walk
from kg.hops import MENTIONED, Hops, Subgraph
from kg.neo4j.database import Row
from kg.neo4j.rows import LABEL
from kg.neo4j.ways import WAYS, Way, less, relation_of
from schema.graph import RelationshipType
from schema.nodes import kind_of

ASPECTS: Final = 3
"""Mentions read from a concept of many for each that may be followed: a post has one for each of
some aspects."""

_ONLY: Final[LiteralString] = (
    "($all_relations OR r.relation IS NULL OR $relations CONTAINS $mark + r.relation + $mark)"
)


def _indexed(
    type_: LiteralString, near: LiteralString, sure: LiteralString, far: LiteralString
) -> LiteralString:
    """Return how to follow a type out of a node of many: its index has them in their order."""
    forward = near == "start_order"
    pattern: LiteralString = (
        "(s)-[r:" + type_ + "]->(n)" if forward else "(n)-[r:" + type_ + "]->(s)"
    )
    end: LiteralString = "endNode(r)" if forward else "startNode(r)"
    hint: LiteralString = "r:" + type_ + "(" + near + ", " + sure + far + ") "
    has: LiteralString = "r." + sure.rstrip(", ") + " > 0 AND " if sure else ""
    order: LiteralString = "r." + sure.rstrip(", ") + " DESC, " if sure else ""
    mentions = type_ == "MENTIONS"
    most: LiteralString = "$mentions" if mentions else "$fan_out + 1"
    one_each: LiteralString = _ONE_EACH if mentions else "WITH [r] AS parallel "
    return (
        "WITH s, -s.rank AS near WHERE $types CONTAINS '" + type_ + "' "
        "MATCH " + pattern + " USING INDEX " + hint + "WHERE r." + near + " = near AND " + has + ""
        "r." + far + " <= 0 AND s <> n AND " + _ONLY + " "
        "WITH r ORDER BY r." + near + " DESC, " + order + "r." + far + " DESC LIMIT " + most + " "
        "" + one_each + "WITH collect(parallel) AS ends UNWIND range(0, size(ends) - 1) AS place "
        "UNWIND ends[place] AS r RETURN r, " + end + " AS n, place < $fan_out AS counts"
    )


_ONE_EACH: Final[LiteralString] = (
    "WITH startNode(r) AS n, collect(r) AS parallel ORDER BY parallel[0].start_order DESC "
)
"""A post often mentions a concept in several aspects: these are followed once."""

_EXPAND: Final[LiteralString] = (
    "CALL (s, degree) { "
    "WITH s WHERE degree <= $fan_out MATCH (s)-[r:HAS_INTENTION|MENTIONS|ABOUT|RELATED]-(n) "
    "WHERE s <> n AND $types CONTAINS type(r) AND " + _ONLY + " RETURN r, n, true AS counts "
    "UNION ALL WITH s WHERE degree > $fan_out CALL (s) { "
    "MATCH (s)-[r:HAS_INTENTION|MENTIONS|ABOUT]->(n) WHERE $types CONTAINS type(r) "
    "RETURN r, n, true AS counts UNION ALL "
    + " UNION ALL ".join(
        (
            _indexed("HAS_INTENTION", "end_order", "confidence, ", "start_order"),
            _indexed("ABOUT", "end_order", "confidence, ", "start_order"),
            _indexed("MENTIONS", "end_order", "", "start_order"),
            _indexed("RELATED", "start_order", "weight, ", "end_order"),
            _indexed("RELATED", "end_order", "weight, ", "start_order"),
        )
    )
    + " } RETURN r, n, counts }"
)
"""Follows relationships r out of a node s to nodes n; ``counts``: r is within the fan-out."""

_WANTED: Final[LiteralString] = (
    ", max(CASE WHEN $ends[0] IN ['', row[3][2]] THEN row[1] ELSE 0.0 END) AS wanted "
)
_IS_WANTED: Final[LiteralString] = (
    "AND wanted >= best - 1e-9 AND ($ends[1] = '' OR $ends[1] IN labels(n)) "
)
"""Of the last hop: a best way leads to the node by the type that is wanted (Hops.ends)."""

_FOLLOW: Final[LiteralString] = (
    "CALL (frontier, seen) { UNWIND frontier AS node "
    "WITH node[0] AS s, node[1] AS confidence "
    "WITH s, confidence, COUNT { (s)--() } AS degree "
    + _EXPAND
    + """
    WITH n, r, startNode(r) = s AS forward, CASE WHEN counts THEN confidence ELSE 0.0 END * CASE
        WHEN r.weight IS NOT NULL THEN 1 - 2.0 ^ (-r.weight) ELSE coalesce(r.confidence, $mentioned)
    END AS confidence
    WITH collect([
        n, confidence, CASE WHEN forward THEN r.end_order ELSE r.start_order END,
        [r.start_order, r.end_order, type(r), forward,
        coalesce(r.weight, r.confidence, $mentioned), coalesce(r.relation, r.aspect, r.method)]
    ]) AS rows
    CALL (rows, seen) {
        UNWIND rows + seen AS row
        WITH row[0] AS n, max(row[1]) AS best, max(row[2]) AS rank
    """
)
_CARRY_ON: Final[LiteralString] = """
        WITH n, best, rank ORDER BY round(best, 12) DESC, rank DESC LIMIT $frontier
        RETURN collect([n, best]) AS next
    }
    RETURN [row IN rows | row[3]] AS found, next }
    WITH arcs + [found] AS arcs, next AS frontier, seen + [node IN next | [node[0], 2.0, 0]] AS seen
    """
_BEGIN: Final[LiteralString] = (
    "CALL () { "
    + " UNION ALL ".join(
        "MATCH (n:"
        + label
        + " {id: $start[0]}) USING INDEX SEEK n:"
        + label
        + "(id) RETURN n AS start"
        for label in LABEL.values()
    )
    + " } WITH [[start, 1.0]] AS frontier, [[start, 2.0, 0]] AS seen, [] AS arcs "
)
"""``seen``: nodes that were reached, each with a confidence that no path has."""

_END: Final[LiteralString] = (
    "RETURN arcs, size(frontier) AS last, "
    "[node IN seen | [-node[0].rank, node[0].id, node[0].relation]] AS nodes"
)
WIDTH: Final = 50
SEPARATOR: Final = "\x00"
"""Parts relations: none holds it (schema.text.flaw)."""

MOST: Final = 6
"""Most hops that there is a statement for."""


def _hop(wanted: LiteralString = "", is_wanted: LiteralString = "") -> LiteralString:
    return _FOLLOW + wanted + " WHERE 0.0 < best <= 1.0 " + is_wanted + _CARRY_ON


def _statement(hops: int) -> LiteralString:
    statement = _BEGIN
    for _ in range(hops - 1):
        statement += _hop()
    return statement + _hop(_WANTED, _IS_WANTED) + _END


AHEAD: Final[dict[int, LiteralString]] = {hops: _statement(hops) for hops in range(1, MOST + 1)}
"""By number of hops. Gives ``arcs`` of each hop, the ``nodes`` that were reached, and how many of
these, the ``last``, were not expanded."""

WAY_OF: Final = {
    (way.type.value, way.forward): (number, way)
    for ways in WAYS.values()
    for number, way in enumerate(ways)
}
"""Each way and its place among those of its kind of node, which type and direction tell."""

Followed = tuple[float, int, str]
"""Minus how sure a relationship is, the rank of the node it leads to, its relation. Nodes go by
minus their rank, as relationships hold it."""


def parameters(start_id: str, hops: Hops) -> dict[str, object]:
    """Return what the statements ask for.

    The server plans anew for texts and lists of other sizes, not for what is in a list: the id is
    in a list of one, names are joined and filled up.
    """
    types = hops.types or frozenset(RelationshipType)
    return {
        "start": [start_id],
        "types": "|".join(sorted(type_.value for type_ in types)).ljust(WIDTH),
        "all_relations": not hops.relations,
        "relations": f"{SEPARATOR}{SEPARATOR.join(sorted(hops.relations))}{SEPARATOR}".ljust(WIDTH),
        "mark": SEPARATOR,
        "fan_out": hops.fan_out,
        "mentions": _most(RelationshipType.MENTIONS, hops),
        "frontier": hops.frontier,
        "ends": [str(hops.ends.last_type or ""), str(hops.ends.kind or "")],
        "mentioned": MENTIONED,
    }


def subgraph(row: Row, start_id: str, hops: Hops) -> Subgraph | None:
    """Return what a statement's answer says; None where Walk would have chosen otherwise."""
    names = {node: name for node, name, _ in row["nodes"]}
    if len(names) < len(row["nodes"]):
        return None  # two of one rank
    expanded = {node for node, _, _ in row["nodes"][: len(names) - row["last"]]}
    found = _by_way(row, {node: relation for node, _, relation in row["nodes"]})
    start = row["nodes"][0][0]
    walk = Walk(hops, {start: 1.0}, {start: 0}, lambda node: WAYS[kind_of(names[node])])
    for nodes in walk.rounds(math.inf):
        if not expanded.issuperset(nodes):
            return None
        for node in nodes:
            for (type_, forward), rows in found[node].items():
                number, way = WAY_OF[type_, forward]
                arcs = _arcs(way, number, rows)
                if len(arcs) > hops.fan_out:
                    walk.cut.add("fan_out")
                elif len(rows) >= _most(way.type, hops):
                    return None  # too many are parallel
                walk.arcs[node] += arcs[: hops.fan_out]
    if not walk.hops.keys() <= names.keys():
        return None
    return walk.subgraph(start_id, names, relation_of)


def _by_way(
    row: Row, relations: Mapping[int, str | None]
) -> Mapping[int, Mapping[tuple[str, bool], list[Followed]]]:
    """Sort relationships by the node they lead out of, then by their type and direction."""
    found: defaultdict[int, defaultdict[tuple[str, bool], list[Followed]]]
    found = defaultdict(lambda: defaultdict(list))
    for start, end, type_, forward, sure, said in chain.from_iterable(row["arcs"]):
        near, far = (start, end) if forward else (end, start)
        relation = said or relations.get(end) or ""  # HAS_INTENTION has that of its end
        found[near][type_, forward].append((-sure, -far, relation))
    return found


def _most(type_: RelationshipType, hops: Hops) -> int:
    """Return how many relationships of a node of many are read."""
    return (
        hops.fan_out + 1 if type_ is not RelationshipType.MENTIONS else ASPECTS * hops.fan_out + 1
    )


def _arcs(way: Way, number: int, rows: list[Followed]) -> list[Arc[int]]:
    """Return the arcs along a way, in order, one to each end."""
    rows.sort()
    first: dict[int, Arc[int]] = {}
    for minus, rank, relation in rows:
        if rank not in first:
            first[rank] = (less(way, -minus), rank, number, -rank, relation)
    return list(first.values())
