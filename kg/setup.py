"""What setting up a store made, and how it tells how far it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

Progress = Callable[[str, float], None]
"""Told what is being built, and how many percent of it are."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """The constraints and indexes of a store, by name.

    Attributes:
        made: Those that were missing.
        migrated: Those that were of another definition; they were searched until the new ones
            were built.
        there: Those that were as they should be.
    """

    made: tuple[str, ...] = ()
    migrated: tuple[str, ...] = ()
    there: tuple[str, ...] = ()

    def after(self, earlier: Self) -> Self:
        """Return what both made: what an earlier one did is there by now."""
        made = tuple(dict.fromkeys((*earlier.made, *self.made)))
        migrated = tuple(dict.fromkeys((*earlier.migrated, *self.migrated)))
        new = {*made, *migrated}
        return replace(
            self,
            made=made,
            migrated=migrated,
            there=tuple(name for name in self.there if name not in new),
        )


NOTHING: Final = SetUp()


def silent(name: str, percent: float) -> None:
    """Tell nobody."""
