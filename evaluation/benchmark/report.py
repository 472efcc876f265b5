"""The table: a row for each system, its figures with intervals, and which differences are real."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import anyio.to_thread
import numpy as np

from evaluation.benchmark.comparing import Difference, paired_difference
from evaluation.benchmark.measures import BERT_SCORE, Measure, Parts, Scoring, mean_of
from evaluation.benchmark.reading import Slot, contents_of
from evaluation.benchmark.split import ReferenceSplit
from evaluation.bootstrap import Estimate, Resampling, estimate
from ingest.progress import Report as Progress
from kg.statistics import q_values
from schema.errors import InputError
from schema.relations import Relation


@dataclass(frozen=True, slots=True)
class System:
    """What a system wrote.

    Attributes:
        name: How the table calls it.
        models: What wrote it, as its runs say; may be none.
        tails: The tail of each slot that is not empty.
        faults: What was wrong, and how often.
    """

    name: str
    models: Sequence[str]
    tails: Mapping[Slot, str]
    faults: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True, slots=True)
class Row:
    """A system in the table.

    Attributes:
        name: How it is called.
        models: What wrote it, as its runs say.
        empty: Slots of the split that it left empty, with a reference or without.
        figures: By the name of the measure.
        relations: BERTScore in each relation that has references.
    """

    name: str
    models: Sequence[str]
    empty: int
    figures: Mapping[str, Estimate]
    relations: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Two rows in one measure; ``q`` is ``p`` corrected for all comparisons of the table."""

    first: str
    second: str
    measure: str
    difference: Estimate
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class Table:
    """What the command tells.

    Attributes:
        posts: Of the split.
        slots: Of these: one a relation.
        references: Slots that have one, which are those that count.
        resampling: Of the intervals and of the tests.
        measures: Of the columns, their notes by their names.
        rows: In the order in which they were given.
        compared: Each pair of rows in each measure.
    """

    posts: int
    slots: int
    references: int
    resampling: Resampling
    measures: Mapping[str, str]
    rows: Sequence[Row]
    compared: Sequence[PairedDifference]


async def written_in(path: Path, name: str, split: ReferenceSplit) -> System:
    """Read what a system wrote, from a file in any format of `miko load`.

    Raises:
        FormatError: It cannot be read.
        InputError: It holds no post of the split.
    """
    held = await anyio.to_thread.run_sync(contents_of, path)
    ids = {post.id for post in split.posts}
    if not ids & held.posts.keys():
        raise InputError(
            f"{path} holds no post of the test split: its ids are to be those that `miko load` "
            "gives the posts of the split"
        )
    tails = {slot: tail for slot, tail in held.tails.items() if slot[0] in ids}
    return System(name, sorted(held.models), tails, held.faults)


def check_names(names: Sequence[str]) -> None:
    """Refuse rows that could not be told apart.

    Raises:
        InputError: Two have one name.
    """
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise InputError(
            f"two rows are called {name!r}: call one otherwise, by NAME=FILE or --name"
        )


async def table(
    split: ReferenceSplit,
    systems: Sequence[System],
    scorings: Sequence[Scoring],
    how: Resampling,
    progress: Progress,
) -> Table:
    """Score systems on a split, and compare them.

    Args:
        split: The posts and their references.
        systems: One a row.
        scorings: What fills the columns; BERTScore is one of them.
        how: The draws of intervals and tests.
        progress: Told how many systems are scored.

    Raises:
        InputError: Two systems have one name.
        GeneratorError: A model is to judge, and cannot be asked.
    """
    check_names([system.name for system in systems])
    parts: list[Parts] = []
    for system in systems:
        progress(len(parts), len(systems))
        some = [await scoring.parts(system.tails) for scoring in scorings]
        parts.append({name: found for one in some for name, found in one.items()})
    progress(len(parts), len(systems))
    measures = [measure for scoring in scorings for measure in scoring.measures]
    slots = len(split.posts) * len(Relation)
    return Table(
        len(split.posts),
        slots,
        len(split.references),
        how,
        {measure.name: measure.note for measure in measures},
        [_row(s, slots, p, measures, how) for s, p in zip(systems, parts, strict=True)],
        _compared([system.name for system in systems], parts, measures, how),
    )


def _row(
    system: System, slots: int, parts: Parts, measures: Sequence[Measure], how: Resampling
) -> Row:
    figures = {m.name: estimate(parts[m.name], m.figure, how) for m in measures}
    by_relation = {r.value: estimate(parts[BERT_SCORE], mean_of(r), how) for r in Relation}
    there = {name: found for name, found in by_relation.items() if found.value is not None}
    return Row(system.name, system.models, slots - len(system.tails), figures, there)


def _compared(
    names: Sequence[str], parts: Sequence[Parts], measures: Sequence[Measure], how: Resampling
) -> list[PairedDifference]:
    found: list[PairedDifference] = []
    for (name, own), (other, others) in combinations(zip(names, parts, strict=True), 2):
        for measure in measures:
            one = paired_difference(own[measure.name], others[measure.name], measure.figure, how)
            found.append(_pair(name, other, measure.name, one))
    corrected: list[float] = q_values(np.array([one.p for one in found])).tolist()
    return [replace(one, q=q) for one, q in zip(found, corrected, strict=True)]


def _pair(first: str, second: str, measure: str, found: Difference) -> PairedDifference:
    return PairedDifference(first, second, measure, found.estimate, found.p, found.p)
