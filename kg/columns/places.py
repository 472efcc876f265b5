"""Relations and aspects as numbers: in columns, and in the tables of the embedded store."""

from typing import Final

from schema.graph import Aspect
from schema.relations import Relation

RELATIONS: Final[tuple[Relation, ...]] = tuple(Relation)
"""A relation is its place in MIKO's order."""

RELATION_PLACE: Final = {relation: place for place, relation in enumerate(RELATIONS)}

ASPECTS: Final[tuple[Aspect, ...]] = tuple(sorted(Aspect))
"""An aspect is its place in the alphabet, the order of parallel relationships.

The embedded store's file keeps these numbers: a further aspect comes last, or its tables get
another version."""

ASPECT_PLACE: Final = {aspect: place for place, aspect in enumerate(ASPECTS)}
