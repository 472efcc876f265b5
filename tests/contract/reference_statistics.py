"""SciPy's own formulas, for what ``kg.statistics`` works out; SciPy has no types."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

stats: Any = import_module("scipy.stats")


def wilson(count: int, size: int) -> tuple[float, float]:
    interval = stats.binomtest(count, size).proportion_ci(0.95, "wilson")
    return interval.low, interval.high


def p_value(count: int, size: int, other: int, size_of_other: int) -> float:
    """Return the p of the log-likelihood ratio, 1 where the groups cannot differ."""
    table = [[count, size - count], [other, size_of_other - other]]
    if not all(map(sum, [*table, *zip(*table, strict=True)])):
        return 1.0
    return stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue


def q_values(p: Sequence[float]) -> list[float]:
    return list(stats.false_discovery_control(p))
