"""Answers that are kept while the graph has not changed."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The answers last asked for, each of one version of the graph; from any thread."""

    def __init__(self, limit: int) -> None:
        """Keep answers up to a sum of their sizes; the last one stays, however large."""
        self._limit = limit
        self._size = 0
        self._answers: OrderedDict[K, tuple[Hashable, V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, version: Hashable) -> V | None:
        """Return the answer of this version, None where there is none."""
        with self._lock:
            held = self._answers.get(key)
            if held is not None and held[0] != version:
                self._drop(key)
                return None
            if held is None:
                return None
            self._answers.move_to_end(key)
            return held[1]

    def keep(self, key: K, version: Hashable, answer: V, *, size: int = 1) -> V:
        """Keep an answer, let go of those that were asked for longest ago, and return it."""
        with self._lock:
            self._drop(key)
            self._answers[key] = (version, answer, size)
            self._size += size
            while self._size > self._limit and len(self._answers) > 1:
                self._drop(next(iter(self._answers)))
        return answer

    def _drop(self, key: K) -> None:
        held = self._answers.pop(key, None)
        self._size -= held[2] if held else 0
