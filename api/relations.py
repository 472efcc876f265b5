"""Which relations a field is asked for."""

from collections.abc import Sequence

from kg.filters import of_side
from schema.errors import QueryError
from schema.relations import Relation, Side


def relations_asked(
    relations: Sequence[Relation] | None, side: Side | None, relation: Relation | None
) -> tuple[Relation, ...]:
    """Return the relations that are meant, in MIKO's order, each once; all ten where none is named.

    Args:
        relations: Any of these.
        side: Of these, or of all, those of this side.
        relation: This one alone, as it was asked before there were several.

    Raises:
        QueryError: The one is named beside others, or nothing is left.
    """
    if relation is not None and (relations is not None or side is not None):
        raise QueryError("name the relation among relations, and leave the argument relation out")
    named = [relation] if relation is not None else relations
    if named is not None and not named:
        raise QueryError("relations is empty: name one, or leave it out for all")
    meant = set(of_side(side, named or ()) if side is not None else named or Relation)
    return tuple(one for one in Relation if one in meant)
