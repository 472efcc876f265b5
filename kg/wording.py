"""A path as a sentence that a person can read, and the reason of each of its steps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kg.hops import Step
from kg.store import GraphStore
from kg.traversal import Path
from schema.graph import Aspect, Related, RelationshipType
from schema.nodes import NodeKind, kind_of
from schema.relations import Relation

EXCERPT: Final = 80
"""Most characters of a post that a sentence quotes."""

AUTHOR, READERS = "its author", "those who see it"
INTENTIONS: Final[dict[Relation, str]] = {
    Relation.X_WANT: f"{AUTHOR} wants to",
    Relation.O_EFFECT: f"{READERS} will",
    Relation.X_ATTR: f"{AUTHOR} is",
    Relation.X_INTENT: f"{AUTHOR} intended to",
    Relation.X_REACT: f"{AUTHOR} feels",
    Relation.O_REACT: f"{READERS} feel",
    Relation.O_WANT: f"{READERS} want to",
    Relation.X_EFFECT: f"{AUTHOR} will",
    Relation.X_NEED: f"{AUTHOR} needed to",
    Relation.OPEN: "it was posted because",
}
ASPECTS: Final[dict[Aspect, str]] = {
    Aspect.CONCEPT: "is about",
    Aspect.ACTION: "shows the action",
    Aspect.OBJECT: "shows",
    Aspect.EMOTION: "expresses",
    Aspect.KEYWORD: "has the keyword",
    Aspect.HASHTAG: "is tagged",
    Aspect.PICTURED: "shows",
}
RELATIONS: Final[dict[str, str]] = {
    "AtLocation": "is found at",
    "CapableOf": "can",
    "Causes": "causes",
    "CausesDesire": "makes one want to",
    "CreatedBy": "is created by",
    "DefinedAs": "is defined as",
    "DesireOf": "is the desire of",
    "Desires": "wants",
    "HasA": "has",
    "HasFirstSubevent": "begins with",
    "HasLastSubevent": "ends with",
    "HasPrerequisite": "requires",
    "HasProperty": "is",
    "HasSubevent": "includes",
    "InheritsFrom": "inherits from",
    "InstanceOf": "is an instance of",
    "IsA": "is a kind of",
    "LocatedNear": "is near",
    "LocationOfAction": "is where one does",
    "MadeOf": "is made of",
    "MotivatedByGoal": "is done for",
    "NotCapableOf": "cannot",
    "NotDesires": "does not want",
    "NotHasA": "does not have",
    "NotHasProperty": "is not",
    "NotIsA": "is not a kind of",
    "NotMadeOf": "is not made of",
    "PartOf": "is part of",
    "ReceivesAction": "can be",
    "RelatedTo": "is related to",
    "SymbolOf": "stands for",
    "DistinctFrom": "is not the same as",
    "Entails": "entails",
    "MannerOf": "is a way to",
    "ObstructedBy": "is prevented by",
    "SimilarTo": "is similar to",
    "Synonym": "means the same as",
    "Antonym": "is the opposite of",
    "UsedFor": "is used for",
    "xWant": "makes one want to",
    "xNeed": "first takes to",
    "xIntent": "is done in order to",
    "xEffect": "has the effect on oneself to",
    "xReact": "makes one feel",
    "xAttr": "shows that one is",
    "oWant": "makes others want to",
    "oEffect": "has the effect on others to",
    "oReact": "makes others feel",
}
SOURCES: Final[dict[str, str]] = {
    "atomic": "ATOMIC",
    "cn100k": "CN-100K",
    "conceptnet": "ConceptNet",
}


async def sentences(store: GraphStore, paths: list[Path]) -> list[str]:
    """Say each path in one sentence; three calls of the store for all of them."""
    texts = await _texts(store, {node_id for path in paths for node_id in path.node_ids})
    return [sentence(path, texts) for path in paths]


def sentence(path: Path, texts: Mapping[str, str]) -> str:
    """Say a path in one sentence, given the text of each of its nodes."""
    return "; ".join(_clause(step, texts) for step in path.steps) + "."


def reason(step: Step, texts: Mapping[str, str], assertions: Sequence[Related] = ()) -> str:
    """Say a step, and in brackets what speaks for it.

    Args:
        step: The step.
        texts: The text of each of its ends.
        assertions: Who says so, where it is a RELATED (``assertions_of``).
    """
    return f"{_clause(step, texts)} ({'; '.join(_grounds(step, assertions))})"


def assertions_of(step: Step, related: Sequence[Related]) -> list[Related]:
    """Return what says a step of type RELATED, among what its head is related to."""
    said = (head_of(step), step.relation, tail_of(step))
    return [one for one in related if (one.head_id, one.relation, one.tail_id) == said]


def head_of(step: Step) -> str:
    """Return where the relationship of a step begins, whichever way it was followed."""
    return step.start_id if step.forward else step.end_id


def tail_of(step: Step) -> str:
    """Return where the relationship of a step ends, whichever way it was followed."""
    return step.end_id if step.forward else step.start_id


def _grounds(step: Step, assertions: Sequence[Related]) -> Iterator[str]:
    match step.type:
        case RelationshipType.HAS_INTENTION:
            yield f"{step.relation}: {Relation(step.relation).about.gloss}"
        case RelationshipType.MENTIONS:
            yield f"the {step.relation} of its key information"
        case RelationshipType.ABOUT:
            yield f"linked by {step.relation}, {step.confidence:g}"
        case RelationshipType.RELATED:
            yield step.relation
            for one in assertions:
                told = (_source(one.source), f"weight {one.weight:g}", one.licence)
                yield ", ".join(part for part in told if part)


def _source(name: str) -> str:
    """Return a source as it calls itself: ``cskg:VG`` is CSKG's VG."""
    collection, _, part = name.partition(":")
    return f"CSKG's {part}" if collection == "cskg" else SOURCES.get(name, name)


def _clause(step: Step, texts: Mapping[str, str]) -> str:
    """Say a step from its head to its tail, whichever way it was followed."""
    head, tail = _quoted(head_of(step), texts), _quoted(tail_of(step), texts)
    return f"{head} {_predicate(step)} {tail}"


def _predicate(step: Step) -> str:
    match step.type:
        case RelationshipType.HAS_INTENTION:
            return f"says that {INTENTIONS[Relation(step.relation)]}"
        case RelationshipType.MENTIONS:
            return ASPECTS[Aspect(step.relation)]
        case RelationshipType.ABOUT:
            return "speaks of"
        case RelationshipType.RELATED:
            return RELATIONS.get(step.relation, f"({step.relation})")


def _quoted(node_id: str, texts: Mapping[str, str]) -> str:
    text = texts.get(node_id, "") or node_id
    short = text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1].rstrip()}…"
    label = "the post " if kind_of(node_id) is NodeKind.POST else ""
    return f"{label}“{short}”"


async def _texts(store: GraphStore, node_ids: set[str]) -> dict[str, str]:
    by_kind: dict[NodeKind, list[str]] = {kind: [] for kind in NodeKind}
    for node_id in sorted(node_ids):
        by_kind[kind_of(node_id)].append(node_id)
    found = (
        *await store.posts(by_kind[NodeKind.POST]),
        *await store.intentions(by_kind[NodeKind.INTENTION]),
        *await store.concepts(by_kind[NodeKind.CONCEPT]),
    )
    return {node.id: node.text for node in found if node is not None}
