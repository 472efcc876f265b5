"""What the graph remembers of itself, on one node: identity, version, model and marks.

Every writer locks that node first: writers take turns, and two never deadlock.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, LiteralString, NamedTuple

from kg.neo4j.database import Row, Transaction
from kg.store import EmbeddingModel
from schema.errors import EmbeddingModelError, StoreUnreadableError
from schema.nodes import NodeKind


class State(NamedTuple):
    """Which graph, and which version of it: after a database was emptied, numbers begin anew."""

    identity: str
    version: int


BEGIN: Final[LiteralString] = """
MERGE (g:Graph {id: 'graph'}) ON CREATE SET g.version = 0, g.identity = randomUUID()
"""
THERE: Final[LiteralString] = "MATCH (g:Graph {id: 'graph'}) RETURN count(g) AS graphs"
LOCK: Final[LiteralString] = """
MATCH (g:Graph {id: 'graph'}) SET g.writers = 1 RETURN g.version AS version
"""
GRAPH: Final[LiteralString] = "MATCH (g:Graph {id: 'graph'}) RETURN properties(g) AS graph"
SET: Final[LiteralString] = "MATCH (g:Graph {id: 'graph'}) SET g += $values"
MODEL: Final = ("model_name", "model_revision", "model_dimensions")


async def lock(transaction: Transaction) -> int:
    """Wait until no other transaction writes; return the version that this one is to write.

    Raises:
        StoreUnreadableError: The graph is gone, as every question here may find.
    """
    return int(_of_graph(await transaction.locked(LOCK))["version"]) + 1


async def written(transaction: Transaction, version: int) -> None:
    """Make the version that of the graph."""
    await transaction.rows(SET, values={"version": version})


async def is_there(transaction: Transaction) -> bool:
    """Whether a graph was begun here."""
    return bool((await transaction.row(THERE))["graphs"])


async def identity(transaction: Transaction) -> str:
    """Return what the graph was named; those made before it was, or imported, have no name."""
    return str((await _graph(transaction)).get("identity", ""))


async def version(transaction: Transaction) -> int:
    return int((await _graph(transaction))["version"])


async def state(transaction: Transaction) -> State:
    """Return which graph this is, and of which version."""
    graph = await _graph(transaction)
    return State(str(graph.get("identity", "")), int(graph["version"]))


async def mark(transaction: Transaction, name: str) -> int:
    return int((await _graph(transaction)).get(f"mark_{name}", 0))


async def set_mark(transaction: Transaction, name: str, seen: int) -> None:
    await lock(transaction)
    await transaction.rows(SET, values={f"mark_{name}": seen})


async def mark_embedded(transaction: Transaction, kind: NodeKind) -> None:
    """Have whoever embeds a node of a kind give it its second label (definitions.MARKED)."""
    await lock(transaction)
    await transaction.rows(SET, values={f"marks_{kind.value}": [1]})


async def stored_model(transaction: Transaction) -> EmbeddingModel | None:
    """Return the model that the graph was embedded by."""
    graph = await _graph(transaction)
    values: list[Any] = [graph.get(name) for name in MODEL]  # the driver gives no types
    return None if values[0] is None else EmbeddingModel(*values)


async def set_model(transaction: Transaction, model: EmbeddingModel) -> None:
    """Record a model."""
    values = dict(zip(MODEL, asdict(model).values(), strict=True))
    await transaction.rows(SET, values=values)


async def require_model(transaction: Transaction, model: EmbeddingModel) -> None:
    """Record the first model, refuse another (GraphStore.require_model)."""
    await lock(transaction)
    stored = await stored_model(transaction)
    if stored is None:
        await set_model(transaction, model)
    elif stored != model:
        raise EmbeddingModelError(str(stored), str(model))


async def _graph(transaction: Transaction) -> Row:
    found: Row = _of_graph(await transaction.rows(GRAPH))["graph"]
    return found


def _of_graph(rows: Sequence[Row]) -> Row:
    """Return the one row of the graph's node."""
    if not rows:
        raise StoreUnreadableError(
            "there is no graph any more: its Neo4j database was emptied; load it again by `miko "
            "load FILES...`"
        )
    return rows[0]
