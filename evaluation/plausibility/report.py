"""What the estimates of held-out posts are worth, together and for each relation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.bootstrap import Estimate, Floats, Resampling, estimate_by_groups
from evaluation.measures import Figure, areas, calibration_errors
from evaluation.plausibility.pairs import Pair
from schema.relations import Relation


@dataclass(frozen=True, slots=True)
class Quality:
    """How good estimates are.

    Attributes:
        relation: Of these pairs; None for all.
        pairs: How many were judged.
        accepted: The share that was accepted.
        area: Under the ROC curve: 0.5 knows nothing, 1 everything.
        calibration_error: Expected, between 0 and 1.
    """

    relation: Relation | None
    pairs: int
    accepted: float
    area: Estimate
    calibration_error: Estimate


def qualities(pairs: Sequence[Pair], estimates: Floats, how: Resampling) -> list[Quality]:
    """Return the quality of all, then of each relation that was judged, in MIKO's order."""
    asked = [None, *(r for r in Relation if any(pair.relation is r for pair in pairs))]
    return [_quality(pairs, estimates, relation, how) for relation in asked]


def _quality(
    pairs: Sequence[Pair], estimates: Floats, relation: Relation | None, how: Resampling
) -> Quality:
    places = [n for n, pair in enumerate(pairs) if relation in (None, pair.relation)]
    accepted = np.array([bool(pairs[n].accepted) for n in places])
    groups = [pairs[n].group for n in places]

    def told(measure: Figure) -> Estimate:
        def figure(weights: Floats) -> Floats:
            return measure(accepted, estimates[places], weights)

        return estimate_by_groups(groups, figure, how)

    return Quality(
        relation, len(places), float(accepted.mean()), told(areas), told(calibration_errors)
    )
