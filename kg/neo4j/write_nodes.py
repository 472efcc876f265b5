"""Writing nodes: new ones are created; those that are there take what the new ones add."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict
from typing import Final, LiteralString, Protocol, TypeVar

from tantivy import TextAnalyzer

from kg.merging import merge, merged_by_id
from kg.neo4j.batches import over
from kg.neo4j.database import Transaction
from kg.neo4j.delete import require_not_deleted
from kg.neo4j.rows import CONCEPT_KINDS, POST, Properties, post_of, post_properties
from schema.nodes import Concept, Intention, Post, Run
from schema.text import rank_of

HELD_POSTS: Final[LiteralString] = (
    "UNWIND $rows AS id MATCH (n:Post {id: id}) USING INDEX SEEK n:Post(id) RETURN "
    + POST
    + " AS post"
)
HELD_KINDS: Final[LiteralString] = (
    "UNWIND $rows AS id MATCH (n:Concept {id: id}) USING INDEX SEEK n:Concept(id) "
    "RETURN n.id AS id, n.kind AS kind"
)
CREATE_POSTS: Final[LiteralString] = (
    "UNWIND $rows AS row CREATE (n:Post:Unembedded) SET n = row, n.created = $version"
)
CREATE_INTENTIONS: Final[LiteralString] = (
    "UNWIND $rows AS row CREATE (n:Intention:Unembedded) SET n = row, n.created = $version"
)
CREATE_CONCEPTS: Final[LiteralString] = (
    "UNWIND $rows AS row CREATE (n:Concept:Unembedded) SET n = row, n.created = $version"
)
CREATE_RUNS: Final[LiteralString] = "UNWIND $rows AS row CREATE (n:Run) SET n = row"
CHANGE_POSTS: Final[LiteralString] = (
    "UNWIND $rows AS row MATCH (n:Post {id: row.id}) USING INDEX SEEK n:Post(id) "
    "SET n += row, n.created = $version"
)
CHANGE_KINDS: Final[LiteralString] = (
    "UNWIND $rows AS row MATCH (n:Concept {id: row.id}) USING INDEX SEEK n:Concept(id) "
    "SET n.kind = row.kind"
)
KIND_PLACE: Final = {kind: place for place, kind in enumerate(CONCEPT_KINDS)}


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


Node = TypeVar("Node", bound=_Identified)


async def put_runs(transaction: Transaction, runs: Sequence[Run], held: Set[str]) -> int:
    """Write the runs that are not held; return how many."""
    new = _new(runs, held)
    await over(transaction, CREATE_RUNS, new, asdict)
    return len(new)


async def put_intentions(
    transaction: Transaction,
    intentions: Sequence[Intention],
    held: Set[str],
    cut: TextAnalyzer,
    version: int,
) -> int:
    """Write the intentions that are not held; return how many."""
    new = _new(intentions, held)
    await over(
        transaction, CREATE_INTENTIONS, new, lambda i: intention_row(i, cut), version=version
    )
    return len(new)


async def put_concepts(
    transaction: Transaction,
    concepts: Sequence[Concept],
    held: Set[str],
    cut: TextAnalyzer,
    version: int,
) -> int:
    """Write concepts, raise the kind of those that are there; return how many changed."""
    kinds: dict[str, int] = {}
    for concept in concepts:
        kinds[concept.id] = max(kinds.get(concept.id, 0), KIND_PLACE[concept.kind])
    there = await over(transaction, HELD_KINDS, [i for i in kinds if i in held], str)
    raised = [
        {"id": row["id"], "kind": kinds[row["id"]]}
        for row in there
        if row["kind"] < kinds[row["id"]]
    ]
    await over(transaction, CHANGE_KINDS, raised, dict)
    new = _new(concepts, held)
    await over(
        transaction,
        CREATE_CONCEPTS,
        new,
        lambda c: concept_row(c, cut, kind=kinds[c.id]),
        version=version,
    )
    return len(new) + len(raised)


async def put_posts(
    transaction: Transaction,
    posts: Sequence[Post],
    held: Set[str],
    cut: TextAnalyzer,
    version: int,
) -> int:
    """Write posts, merge those that are there; return how many are new or changed.

    Raises:
        TextConflictError: An id is taken by another text.
        DeletedPostError: A new one was deleted.
    """
    merged = merged_by_id(posts)
    await require_not_deleted(transaction, [i for i in merged if i not in held])
    there = await over(transaction, HELD_POSTS, [i for i in merged if i in held], str)
    pairs = [(old, merge(old, merged[old.id])) for old in (post_of(row["post"]) for row in there)]
    changed = [(old, new) for old, new in pairs if old != new]
    await over(
        transaction, CHANGE_POSTS, changed, lambda pair: _changes(*pair, cut), version=version
    )
    new = _new(merged.values(), held)
    await over(transaction, CREATE_POSTS, new, lambda p: post_row(p, cut), version=version)
    return len(new) + len(changed)


def _changes(old: Post, new: Post, cut: TextAnalyzer) -> Properties:
    """Return what is written of a post; words that are written again would count twice."""
    row: Properties = {"id": new.id, **post_properties(new)}
    if new.image_description != old.image_description:
        row["words"] = _post_words(cut, new)
    return row


def post_row(post: Post, cut: TextAnalyzer) -> Properties:
    """Return what a new post holds."""
    return {
        "id": post.id,
        "rank": rank_of(post.id),
        "source": post.source,
        "text": post.text,
        "words": _post_words(cut, post),
        **post_properties(post),
    }


def intention_row(intention: Intention, cut: TextAnalyzer) -> Properties:
    """Return what a new intention holds."""
    return {
        "id": intention.id,
        "rank": rank_of(intention.id),
        "relation": intention.relation.value,
        "text": intention.text,
        "words": _words(cut, intention.text),
    }


def concept_row(concept: Concept, cut: TextAnalyzer, *, kind: int) -> Properties:
    """Return what a new concept of a kind holds."""
    return {
        "id": concept.id,
        "rank": rank_of(concept.id),
        "kind": kind,
        "text": concept.text,
        "words": _words(cut, concept.text),
    }


def _new(nodes: Iterable[Node], held: Set[str]) -> list[Node]:
    """Return the nodes that are not held, each once."""
    return list({node.id: node for node in nodes if node.id not in held}.values())


def _post_words(cut: TextAnalyzer, post: Post) -> str:
    return _words(cut, f"{post.text}\n{post.image_description}")


def _words(cut: TextAnalyzer, text: str) -> str:
    return " ".join(cut.analyze(text))
