"""The ten relations of MIKO, in MIKO's order (arXiv 2402.18169, section 3.3)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Relation(StrEnum):
    """What an intention says about a post; ``x`` is the author's side, ``o`` the audience's."""

    X_WANT = "xWant"
    O_EFFECT = "oEffect"
    X_ATTR = "xAttr"
    X_INTENT = "xIntent"
    X_REACT = "xReact"
    O_REACT = "oReact"
    O_WANT = "oWant"
    X_EFFECT = "xEffect"
    X_NEED = "xNeed"
    OPEN = "open"

    @property
    def about(self) -> "RelationInfo":
        """The gloss, frame and side of this relation."""
        return RELATIONS[self]


class Side(StrEnum):
    """Whose mind an intention is about."""

    AUTHOR = "author"
    AUDIENCE = "audience"


@dataclass(frozen=True, slots=True)
class RelationInfo:
    """How a relation reads.

    Attributes:
        relation: The relation.
        gloss: What its tail tells, in a few words.
        frame: The sentence that the tail completes, without a trailing space.
        side: The author's or the audience's.
    """

    relation: Relation
    gloss: str
    frame: str
    side: Side

    def sentence(self, tail: str) -> str:
        """Return the whole sentence: frame, tail, full stop."""
        return f"{self.frame} {tail.rstrip('.')}."


RELATIONS: Final[dict[Relation, RelationInfo]] = {
    info.relation: info
    for info in (
        RelationInfo(
            Relation.X_WANT,
            "what the author wants once it is posted",
            "After posting this Tweet, the user wants to",
            Side.AUTHOR,
        ),
        RelationInfo(
            Relation.O_EFFECT,
            "what happens to those who see it",
            "After viewing this Tweet, others will",
            Side.AUDIENCE,
        ),
        RelationInfo(
            Relation.X_ATTR,
            "how the author would be described",
            "The user posts this Tweet because the user is",
            Side.AUTHOR,
        ),
        RelationInfo(
            Relation.X_INTENT,
            "what the author intended",
            "The user posts this Tweet because the user intended to",
            Side.AUTHOR,
        ),
        RelationInfo(
            Relation.X_REACT,
            "what the author feels",
            "After posting this Tweet, the user feels",
            Side.AUTHOR,
        ),
        RelationInfo(
            Relation.O_REACT,
            "what those who see it feel",
            "After viewing this Tweet, others feel",
            Side.AUDIENCE,
        ),
        RelationInfo(
            Relation.O_WANT,
            "what those who see it want",
            "After viewing this Tweet, others want to",
            Side.AUDIENCE,
        ),
        RelationInfo(
            Relation.X_EFFECT,
            "what the author does next",
            "After posting this Tweet, the user will",
            Side.AUTHOR,
        ),
        RelationInfo(
            Relation.X_NEED,
            "what had to happen before it was posted",
            "Before posting this Tweet, the user needs to",
            Side.AUTHOR,
        ),
        RelationInfo(
            Relation.OPEN,
            "why it was posted, in free words",
            "The user posts this Tweet because",
            Side.AUTHOR,
        ),
    )
}

RELATIONS_OF: Final = {
    side: tuple(relation for relation, about in RELATIONS.items() if about.side is side)
    for side in Side
}
"""The relations of each side, in MIKO's order."""
