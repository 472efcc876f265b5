"""Other ways to estimate plausibility beside the one that is used, on the same folds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from evaluation.bootstrap import Estimate, Floats, Resampling, estimate_by_groups
from evaluation.measures import Figure, areas, areas_within, calibration_errors
from evaluation.plausibility.model import Feature
from evaluation.plausibility.pairs import Pair


class Way(StrEnum):
    """A way to estimate."""

    USED = "words, relation, numbers"
    RELATION = "relation"
    WORDS = "words"
    NUMBERS = "numbers"
    FORESEEN = "words, relation, numbers, ATOMIC"
    CROSS_ENCODER = "cross-encoder"
    BOTH = "mean of the first and the cross-encoder"
    LIKELIHOOD = "student's likelihood"
    WITH_LIKELIHOOD = "the first and the student's likelihood"
    OTHER_LABELS = "words, relation, numbers, labels of the post's other intentions"


BY_FEATURES: Final[Mapping[Way, Sequence[Feature]]] = {
    Way.USED: tuple(Feature),
    Way.RELATION: (Feature.RELATION,),
    Way.WORDS: (Feature.WORDS,),
    Way.NUMBERS: (Feature.NUMBERS,),
}


def with_other_labels(pairs: Sequence[Pair]) -> list[Pair]:
    """Return judged pairs with which share of their post's other intentions people took.

    No model of a new post can know it: it shows how far labels go together, and no more.
    """
    share = sum(bool(pair.accepted) for pair in pairs) / max(1, len(pairs))
    judged = Counter(pair.has.post_id for pair in pairs)
    taken = Counter(pair.has.post_id for pair in pairs if pair.accepted)

    def others(pair: Pair) -> float:
        """Return the share, drawn towards that of all as by one more of them."""
        own = pair.has.post_id
        return (taken[own] - bool(pair.accepted) + share) / judged[own]

    return [replace(pair, numbers=(*pair.numbers, others(pair))) for pair in pairs]


@dataclass(frozen=True, slots=True)
class WayQuality:
    """How good a way is on held-out posts.

    Attributes:
        way: The way.
        area: Under the ROC curve.
        area_within: Of pairs of intentions of one relation.
        calibration_error: Expected.
        gain: By how much its area is above that of the way that is used.
    """

    way: Way
    area: Estimate
    area_within: Estimate
    calibration_error: Estimate
    gain: Estimate


def way_qualities(
    pairs: Sequence[Pair], told: Mapping[Way, Floats], how: Resampling
) -> list[WayQuality]:
    """Return the quality of each way, in the order of Way.

    Args:
        pairs: n that were judged.
        told: (n,) of each way, Way.USED among them.
        how: The resampling of posts; those of the same words are drawn together.
    """
    accepted = np.array([bool(pair.accepted) for pair in pairs])
    groups = [pair.group for pair in pairs]
    within = areas_within([pair.relation for pair in pairs])

    def figure(measure: Figure, way: Way) -> Estimate:
        return estimate_by_groups(groups, lambda w: measure(accepted, told[way], w), how)

    def gain(way: Way) -> Estimate:
        def above(weights: Floats) -> Floats:
            own, used = (areas(accepted, told[one], weights) for one in (way, Way.USED))
            return own - used

        return estimate_by_groups(groups, above, how)

    return [
        WayQuality(
            way,
            figure(areas, way),
            figure(within, way),
            figure(calibration_errors, way),
            gain(way),
        )
        for way in Way
        if way in told
    ]
