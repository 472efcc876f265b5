"""Judgements into the graph, where the filters ``annotators`` and ``choices`` find them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from evaluation.annotation.judged import Judged
from evaluation.annotation.sample import held_by
from ingest.progress import Report
from kg.store import GraphStore
from schema.errors import InputError
from schema.graph import Batch, Judgement

POSTS_AT_A_TIME: Final = 1_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of judgements.

    Attributes:
        written: That are new in the graph.
        there: That the graph had.
        missing: Of intentions that the graph's post does not have, or that name none.
    """

    written: int
    there: int
    missing: int


async def load_judgements(store: GraphStore, judged: Sequence[Judged], progress: Report) -> Loaded:
    """Write judgements; again changes nothing. Nothing is written where some contradict the graph.

    Raises:
        InputError: An annotator chose otherwise in the graph: both would be found by filters.
    """
    fresh: list[Judgement] = []
    there = missing = 0
    for some in _by_posts(judged):
        ids = list(dict.fromkeys(one.item.post_id for one in some))
        held = await held_by(store, ids)
        known = await _known(store, ids)
        for one in some:
            pair = one.item.post_id, one.item.intention_id
            if pair not in held:
                missing += 1
            elif (before := known.get((*pair, one.annotator))) is None:
                fresh.append(Judgement(*pair, one.annotator, one.choice.value, one.time))
            elif before == one.choice:
                there += 1
            else:
                raise _contradiction(one, before)
    for start in range(0, len(fresh), POSTS_AT_A_TIME):
        await store.put(Batch(judgements=tuple(fresh[start : start + POSTS_AT_A_TIME])))
        progress(min(len(fresh), start + POSTS_AT_A_TIME), len(fresh))
    await store.refresh()
    return Loaded(len(fresh), there, missing)


async def _known(store: GraphStore, ids: Sequence[str]) -> dict[tuple[str, str, str], str]:
    """Return each annotator's last choice of each pair."""
    return {
        (one.post_id, one.intention_id, one.annotator): one.choice
        for some in await store.judgements_of(ids)
        for one in some
    }


def _by_posts(judged: Sequence[Judged]) -> Iterator[list[Judged]]:
    """Yield judgements so many posts at a time, those of one post together."""
    page: list[Judged] = []
    posts = 0
    ordered = sorted(judged, key=lambda one: (one.item, one.annotator))
    for _, some in groupby(ordered, key=lambda one: one.item.post_id):
        page += some
        posts += 1
        if posts == POSTS_AT_A_TIME:
            yield page
            page, posts = [], 0
    if page:
        yield page


def _contradiction(one: Judged, before: str) -> InputError:
    return InputError(
        f"{one.annotator!r} chose {before!r} in the graph, and here {one.choice.value!r}, for "
        f"{one.item.intention_id} of {one.item.post_id}: a judgement stays; decide under another "
        "name by `miko annotate adjudicate --as`, or name another annotator by `import "
        "--annotator`. Nothing was written"
    )
