"""The nodes of the graph: what a post, an intention, a concept and a run hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schema.errors import UnknownIdError, WrongKindError
from schema.relations import Relation
from schema.text import digest, flaw, normalize

CONCEPT_PREFIX: Final = "/c/"
INTENTION_ID: Final = re.compile(r"[a-z2-7]{16}")
NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})


class NodeKind(StrEnum):
    """The labels that carry text and an embedding."""

    POST = "Post"
    INTENTION = "Intention"
    CONCEPT = "Concept"


class ConceptKind(StrEnum):
    """What a concept is; where two loads differ, the later in this list stands."""

    THING = "thing"
    ACTION = "action"
    EVENT = "event"
    HASHTAG = "hashtag"
    EMOTION = "emotion"


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a post: where it is, and the SHA-256 of its bytes where they were seen."""

    uri: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A social-media post.

    Attributes:
        id: Its source's id behind the source's name, ``mmsd:8231``.
        text: As it was posted; empty only where there is an image.
        source: The name before the colon of the id.
        hashtags: Case-folded, without ``#``, sorted.
        images: Sorted by URI.
        image_description: What a multimodal model saw; empty where none was asked.
        labels: Gold labels of its source, by name: ``{"sarcastic": "1", "split": "train"}``.
    """

    id: str
    text: str
    source: str
    hashtags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    image_description: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)


@dataclass(frozen=True, slots=True)
class Intention:
    """A tail that posts share: its id is a hash of the relation and the normalised text."""

    id: str
    relation: Relation
    text: str

    @staticmethod
    def of(relation: Relation, text: str) -> "Intention":
        """Return the intention that this text says; the raw text stays on the relationship."""
        normal = normalize(text)
        return Intention(digest(relation.value, normal), relation, normal)


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept by ConceptNet's URI, ``/c/en/drink_coffee``, and its text, ``drink coffee``."""

    id: str
    text: str
    kind: ConceptKind = ConceptKind.THING

    @staticmethod
    def of(uri: str, kind: ConceptKind = ConceptKind.THING) -> "Concept":
        """Return the concept of a URI; its text is the URI's own."""
        return Concept(uri, text_of_uri(uri), kind)


@dataclass(frozen=True, slots=True)
class Run:
    """What made a relationship: its id is a hash of the rest, so the same run is one node.

    Attributes:
        id: The hash.
        step: ``describe``, ``extract``, ``infer``, ``import`` or ``estimate``.
        model: The model's name, or the file format of an import.
        revision: The model's revision, or the release of the imported files.
        prompt_hash: Hash of the prompt's text; empty where unknown.
        sampling: Sampling settings as JSON; empty where unknown.
        engine: The engine and its version; empty where unknown.
        time: ISO 8601, UTC; empty where unknown.
    """

    id: str
    step: str
    model: str
    revision: str = ""
    prompt_hash: str = ""
    sampling: str = ""
    engine: str = ""
    time: str = ""

    @staticmethod
    def of(step: str, model: str, **rest: str) -> "Run":
        """Return the run with these fields; ``rest`` names further attributes of the class."""
        draft = Run("", step, model, **rest)
        parts = (draft.revision, draft.prompt_hash, draft.sampling, draft.engine, draft.time)
        return Run(digest("run", step, model, *parts), step, model, **rest)


def concept_uri(text: str, language: str = "en") -> str:
    """Return ConceptNet's URI of a text: lower case, its spaces made underscores."""
    return f"{CONCEPT_PREFIX}{language}/{normalize(text).replace(' ', '_').replace('/', '_')}"


def text_of_uri(uri: str) -> str:
    """Return the words of a concept's URI: ``/c/en/drink_coffee`` gives ``drink coffee``."""
    return uri.split("/", 3)[3].replace("_", " ")


def kind_of(node_id: str) -> NodeKind:
    """Return the kind of node that an id names, by its form alone.

    Raises:
        UnknownIdError: The id has the form of none, or is no text.
    """
    if flaw(node_id):
        raise UnknownIdError(node_id)
    if node_id.startswith(CONCEPT_PREFIX) and node_id.count("/") >= 3:
        return NodeKind.CONCEPT
    if ":" in node_id:
        return NodeKind.POST
    if INTENTION_ID.fullmatch(node_id):
        return NodeKind.INTENTION
    raise UnknownIdError(node_id)


def key_as(kind: NodeKind, node_id: str) -> str:
    """Return an id that has the form of a kind's.

    Raises:
        UnknownIdError: It has the form of none.
        WrongKindError: It has that of another kind's.
    """
    found = kind_of(node_id)
    if found is not kind:
        raise WrongKindError(node_id, found.value, kind.value)
    return node_id
