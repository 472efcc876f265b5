"""The keys that pass a filter, in the forms that the indexes ask for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.sqlite.changes import Keys

Bitmap = NDArray[np.uint8]
"""Bit k of byte k // 8, least bit first, says whether key k is in."""


@dataclass(frozen=True, slots=True)
class Selected:
    """Keys that pass a filter.

    Attributes:
        keys: Rising, (n,) int64.
        bits: The same as a bitmap.
    """

    keys: Keys
    bits: Bitmap

    @staticmethod
    def of(keys: Keys) -> "Selected":
        """Return the selection of these rising keys."""
        return Selected(keys, bitmap(keys))

    def __contains__(self, key: int) -> bool:
        """Say whether a key passes."""
        return key >> 3 < len(self.bits) and bool(int(self.bits[key >> 3]) >> (key & 7) & 1)

    def holds(self, keys: Keys) -> NDArray[np.bool_]:
        """Say of each key whether it passes, (n,) bool."""
        return holds(self.bits, keys)


def bitmap(keys: Keys) -> Bitmap:
    """Return the bitmap of rising keys."""
    flags = np.zeros(int(keys[-1]) + 1 if len(keys) else 0, np.bool_)
    flags[keys] = True
    return np.packbits(flags, bitorder="little")


def holds(bits: Bitmap, keys: Keys) -> NDArray[np.bool_]:
    """Say of each key whether its bit is set, (n,) bool; keys past the end are not."""
    places = keys >> 3
    inside = places < len(bits)
    found = np.zeros(len(keys), np.bool_)
    found[inside] = (bits[places[inside]] >> (keys[inside] & 7)) & 1
    return found


def without(bits: Bitmap, struck: Bitmap) -> Bitmap:
    """Return the bitmap of what is in the first and not in the second."""
    left = bits.copy()
    both = min(len(bits), len(struck))
    left[:both] &= ~struck[:both]
    return left
