"""What setting up a store made, and how it tells how far it is."""

from collections.abc import Callable
from dataclasses import dataclass

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


def silent(name: str, percent: float) -> None:
    """Tell nobody."""
