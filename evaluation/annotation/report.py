"""What files of judgements come to: shares and agreement, per relation, annotator and pair."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from evaluation.annotation.agreement import (
    Ints,
    alpha,
    cohen,
    coincidences,
    fleiss,
    fleiss_parts,
    share,
)
from evaluation.annotation.choices import GRADES, Choice, are_graded
from evaluation.annotation.judged import ItemKey, Judged
from evaluation.annotation.reading import Reading
from evaluation.bootstrap import Estimate, Floats, Resampling, Statistic, estimate
from ingest.progress import Report
from schema.errors import QueryError
from schema.relations import Relation

ALL: Final = "all"
"""The group of every relation."""

Scale = Sequence[Choice] | None
"""The choices from the least; None where only accepted or not is common to all."""

ANNOTATORS_LIMIT: Final = 50
"""Most annotators: each pair of them has a row for each relation."""


@dataclass(frozen=True, slots=True)
class Group:
    """What was judged of one relation, or of all.

    Attributes:
        relation: The relation, or ALL.
        judgements: How many.
        accepted: Share of them that take the intention: "very relevant", or "accepted".
        items: Intentions that two or more judged; what follows is of these.
        alike: Of two judgements of one, how often they are alike.
        fleiss: Fleiss' kappa, of those that as many judged as most were.
        alpha: Krippendorff's, ordinal; nominal where a choice is no grade.
        accepted_fleiss: Of accepted or not.
        accepted_alpha: Of accepted or not.
    """

    relation: str
    judgements: int
    accepted: Estimate
    items: int
    alike: Estimate
    fleiss: Estimate
    alpha: Estimate
    accepted_fleiss: Estimate
    accepted_alpha: Estimate


@dataclass(frozen=True, slots=True)
class Share:
    """How many of an annotator's judgements of a relation, or of all, take the intention."""

    annotator: str
    relation: str
    judgements: int
    accepted: Estimate


@dataclass(frozen=True, slots=True)
class Pair:
    """Two annotators' agreement on what both judged of a relation, or of all.

    Attributes:
        first: An annotator.
        second: Another.
        relation: The relation, or ALL.
        items: Intentions that both judged.
        alike: Share for which they chose the same.
        cohen: Cohen's kappa of what they chose.
        accepted_cohen: Of accepted or not.
    """

    first: str
    second: str
    relation: str
    items: int
    alike: Estimate
    cohen: Estimate
    accepted_cohen: Estimate


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """All of it; the lists hold ALL first, then the relations that were judged, in MIKO's order.

    Attributes:
        records: Records that were read.
        cancelled: Those that an annotator gave back.
        posts: That the records are of.
        posts_judged_twice: Of which two or more annotators judged some intention.
        judgements: How many.
        without_intention: Those of an intention that the files do not hold.
        choices: How many chose which.
        groups: By relation.
        shares: By annotator and relation.
        pairs: By pair of annotators and relation, where both judged something.
    """

    records: int
    cancelled: int
    posts: int
    posts_judged_twice: int
    judgements: int
    without_intention: int
    choices: dict[Choice, int]
    groups: list[Group]
    shares: list[Share]
    pairs: list[Pair]


def agreement_of(reading: Reading, how: Resampling, progress: Report) -> AgreementReport:
    """Return the shares and the agreement of what was read.

    Raises:
        QueryError: Nothing was judged, or by too many.
    """
    judged = reading.judged
    annotators = sorted({one.annotator for one in judged})
    if not judged:
        raise QueryError("the files hold no judgement")
    if len(annotators) > ANNOTATORS_LIMIT:
        message = f"{len(annotators)} annotators: give the files of at most {ANNOTATORS_LIMIT}"
        raise QueryError(message)
    scale = _scale_of(judged)
    parts = list(_by_relation(judged))
    groups: list[Group] = []
    shares: list[Share] = []
    pairs: list[Pair] = []
    for done, (relation, some) in enumerate(parts):
        progress(done, len(parts))
        groups.append(_group(relation, some, scale, how))
        shares += _shares(relation, some, how)
        pairs += _pairs(relation, some, scale, how)
    progress(len(parts), len(parts))
    twice = {key.post_id for key, some in _by_item(judged).items() if len(some) > 1}
    return AgreementReport(
        reading.records,
        reading.cancelled,
        len(reading.post_ids),
        len(twice),
        len(judged),
        sum(not one.item.intention_id for one in judged),
        dict(Counter(one.choice for one in judged).most_common()),
        groups,
        shares,
        pairs,
    )


def _by_relation(judged: Sequence[Judged]) -> Iterator[tuple[str, list[Judged]]]:
    yield ALL, list(judged)
    for relation in Relation:
        if some := [one for one in judged if one.item.relation == relation]:
            yield relation.value, some


def _by_item(judged: Sequence[Judged]) -> dict[ItemKey, list[Judged]]:
    found: dict[ItemKey, list[Judged]] = {}
    for one in judged:
        found.setdefault(one.item, []).append(one)
    return found


def _group(relation: str, judged: Sequence[Judged], scale: Scale, how: Resampling) -> Group:
    twice = {key: some for key, some in _by_item(judged).items() if len(some) > 1}
    posts = [key.post_id for key in twice]
    counts = _counts(list(twice.values()), scale)
    taken = _counts(list(twice.values()), None)
    return Group(
        relation,
        len(judged),
        _accepted(judged, how),
        len(twice),
        _over_posts(posts, _alike(counts), share, how),
        _fleiss(posts, counts, how),
        _alpha(posts, counts, how, is_ordinal=scale is not None),
        _fleiss(posts, taken, how),
        _alpha(posts, taken, how, is_ordinal=False),
    )


def _scale_of(judged: Sequence[Judged]) -> Scale:
    return GRADES if are_graded({one.choice for one in judged}) else None


def _shares(relation: str, judged: Sequence[Judged], how: Resampling) -> Iterator[Share]:
    for annotator in sorted({one.annotator for one in judged}):
        own = [one for one in judged if one.annotator == annotator]
        yield Share(annotator, relation, len(own), _accepted(own, how))


def _pairs(
    relation: str, judged: Sequence[Judged], scale: Scale, how: Resampling
) -> Iterator[Pair]:
    chosen: dict[str, dict[ItemKey, Choice]] = {}
    for one in judged:
        chosen.setdefault(one.annotator, {})[one.item] = one.choice
    for first, second in combinations(sorted(chosen), 2):
        keys = [key for key in chosen[first] if key in chosen[second]]
        if not keys:
            continue
        posts = [key.post_id for key in keys]
        both = [(chosen[first][key], chosen[second][key]) for key in keys]
        graded, taken = _tables(both, scale), _tables(both, None)
        size = int(np.sqrt(graded.shape[1]))
        same = graded[:, :: size + 1].sum(axis=1)
        alike = _over_posts(posts, np.column_stack([same, np.ones(len(keys))]), share, how)
        yield Pair(
            first,
            second,
            relation,
            len(keys),
            alike,
            _over_posts(posts, graded, cohen(size), how),
            _over_posts(posts, taken, cohen(2), how),
        )


def _accepted(judged: Sequence[Judged], how: Resampling) -> Estimate:
    parts = np.array([(one.choice.accepts, 1) for one in judged], dtype=np.float64)
    return _over_posts([one.item.post_id for one in judged], parts, share, how)


def _fleiss(posts: Sequence[str], counts: Ints, how: Resampling) -> Estimate:
    """Return Fleiss' kappa, which wants equally many judgements of each item: the most common."""
    each = counts.sum(axis=1)
    if not len(each):
        return estimate(np.empty((0, 0)), fleiss, how)
    numbers, how_often = np.unique(each, return_counts=True)
    rows = np.flatnonzero(each == numbers[how_often == how_often.max()].max())
    return _over_posts([posts[int(r)] for r in rows], fleiss_parts(counts[rows]), fleiss, how)


def _alpha(posts: Sequence[str], counts: Ints, how: Resampling, *, is_ordinal: bool) -> Estimate:
    statistic = alpha(counts.shape[1], is_ordinal=is_ordinal)
    return _over_posts(posts, coincidences(counts), statistic, how)


def _alike(counts: Ints) -> Floats:
    """Return how many pairs of judgements of each item are alike, and how many there are."""
    each = counts.sum(axis=1)
    return np.column_stack([(counts * (counts - 1)).sum(axis=1), each * (each - 1)]).astype(float)


def _counts(items: Sequence[Sequence[Judged]], scale: Scale) -> Ints:
    """Return how many chose which, (items, categories)."""
    counts = np.zeros((len(items), len(scale) if scale else 2), dtype=np.int64)
    for row, some in enumerate(items):
        for one in some:
            counts[row, _place(one.choice, scale)] += 1
    return counts


def _tables(both: Sequence[tuple[Choice, Choice]], scale: Scale) -> Floats:
    """Return a table of one for each pair of choices, as a row."""
    size = len(scale) if scale else 2
    tables = np.zeros((len(both), size * size))
    for row, (first, second) in enumerate(both):
        tables[row, _place(first, scale) * size + _place(second, scale)] = 1
    return tables


def _place(choice: Choice, scale: Scale) -> int:
    return scale.index(choice) if scale else int(choice.accepts)


def _over_posts(
    posts: Sequence[str], parts: Floats, statistic: Statistic, how: Resampling
) -> Estimate:
    """Return an estimate from what each item adds, (items, columns)."""
    names, place = np.unique(np.array(posts, dtype=str), return_inverse=True)
    summed = np.zeros((len(names), parts.shape[1]))
    np.add.at(summed, place, parts)
    return estimate(summed, statistic, how)
