"""Which statements the server has planned, as far as one can know: planning is not asked for time.

A server plans a statement when it first sees it, for up to some seconds; and anew after a restart,
or when the graph has changed much. It says neither.
"""

import time
from collections.abc import Hashable
from typing import Final

PLANNING_S: Final = 10.0
"""What it may take to plan."""

STALE_S: Final = 60.0
"""A statement that was planned as long ago, and is late now, is taken to be planned anew."""


class Plans:
    """The forms of statements that were planned: such as are planned together are one form."""

    def __init__(self) -> None:
        self._planned_at: dict[Hashable, float] = {}

    def extra_s(self, form: Hashable) -> float:
        """Return what a form may take beside its limit."""
        return 0.0 if form in self._planned_at else PLANNING_S

    def ran(self, form: Hashable, *, in_time: bool) -> bool:
        """Note how a form ran; return whether it may be run again, with time to plan it anew."""
        planned_at = self._planned_at.setdefault(form, time.monotonic())
        is_stale = not in_time and time.monotonic() - planned_at > STALE_S
        if is_stale:
            del self._planned_at[form]
        return is_stale
