"""The names of commonsense relations: RELATED's, as clients give them."""

from collections.abc import Awaitable, Callable, Collection
from difflib import get_close_matches
from typing import Final

from kg.store import Counts
from kg.wording import RELATIONS
from schema.errors import QueryError
from schema.text import flaw

SHOWN: Final = 80
"""Most characters of an unknown name that a message repeats."""


async def check_relations(asked: Collection[str], counts: Callable[[], Awaitable[Counts]]) -> None:
    """Refuse what is no relation of ConceptNet, of ATOMIC, or of the graph; no text is left alone.

    Args:
        asked: The names.
        counts: Counts the graph; called only where a name is of neither.

    Raises:
        QueryError: A name is unknown; the message has those that are alike, or all.
    """
    unknown = [name for name in asked if name not in RELATIONS and not flaw(name)]
    if not unknown:
        return
    there = (await counts()).related_by_relation
    for name in unknown:
        if name not in there:
            instead = _instead(name, {*RELATIONS, *there})
            raise QueryError(f"{name[:SHOWN]!r} is no relation of commonsense: {instead}")


def _instead(name: str, known: Collection[str]) -> str:
    by_folded = {one.casefold(): one for one in sorted(known)}
    alike = get_close_matches(name[:SHOWN].casefold(), by_folded, n=3)
    if alike:
        return f"did you mean {' or '.join(by_folded[one] for one in alike)}?"
    return f"name any of {', '.join(sorted(known))}"
