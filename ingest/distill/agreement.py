"""Several samples of a post's intentions into one: what is alike in meaning, and how many agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kg.embedder import Embedder
from kg.store import Vector
from schema.records import IntentionRecord
from schema.relations import Relation

ALIKE: Final = 0.85
"""Least cosine of two tails that say the same (docs/method.md has what it was chosen by)."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How often the intentions of a post are asked for, and what tells their meanings apart."""

    samples: int
    embedder: Embedder


async def agreed(
    samples: Sequence[Sequence[IntentionRecord]], asked: int, embedder: Embedder
) -> tuple[IntentionRecord, ...]:
    """Merge tails of one relation that are alike, each group named by the tail most like the rest.

    Args:
        samples: The intentions of each sample.
        asked: How many samples were asked for: what agreement is a share of.
        embedder: Gives the meaning of a tail.

    Returns:
        One intention a group with its ``agreement``, in MIKO's order, then by falling agreement,
        then by text.
    """
    rows = [(number, said) for number, sample in enumerate(samples) for said in sample]
    texts = [said.text for _, said in rows]
    embeddings = await embedder.embed(texts)
    merged: list[IntentionRecord] = []
    for relation in Relation:
        places = [place for place, (_, said) in enumerate(rows) if said.relation is relation]
        ranked: list[tuple[float, str, IntentionRecord]] = []
        for group in _groups(embeddings[places]):
            some = [places[place] for place in group]
            share = len({rows[place][0] for place in some}) / asked
            medoid = rows[_medoid(some, embeddings, texts)][1]
            ranked.append((-share, medoid.text, medoid.model_copy(update={"agreement": share})))
        merged += [intention for *_, intention in sorted(ranked, key=lambda row: row[:2])]
    return tuple(merged)


def _groups(embeddings: Vector) -> list[list[int]]:
    """Group rows: each joins the group that it is most like in the mean, or begins one."""
    groups: list[list[int]] = []
    for row in range(len(embeddings)):
        likeness = [float((embeddings[group] @ embeddings[row]).mean()) for group in groups]
        if groups and max(likeness) >= ALIKE:
            groups[likeness.index(max(likeness))].append(row)
        else:
            groups.append([row])
    return groups


def _medoid(places: Sequence[int], embeddings: Vector, texts: Sequence[str]) -> int:
    """Return the place of the row that is most like the others; of equals, the lesser text."""
    some = embeddings[list(places)]
    likeness: list[float] = (some @ some.T).sum(axis=1).round(4).tolist()
    ranked = ((-like, texts[place], place) for place, like in zip(places, likeness, strict=True))
    return min(ranked)[2]
