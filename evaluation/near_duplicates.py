"""Posts that say nearly the same: none of what is measured may be learnt from, or shown.

There are three tests, by what the posts are parted for and what is at hand of them:

- ``NearDuplicates``, by letters: which of many posts are nearly one of a few hundred that are held
  out. At least half of their character four-grams are the same (Jaccard; Broder, On the
  resemblance and containment of documents, 1997), after links, accounts, case and spaces are taken
  out: a retweet is one, and so is the same joke with another name. It takes a comparison with each
  held-out post, and likeness is not passed on: it makes no groups.
- ``words_of``, by words: folds and resamples want groups of all posts, 24,635 in MMSD2.0, of which
  there are 300 million pairs. The same set of words is a group's name, found without comparing.
  The price is that posts which differ in a word are two groups: of the 1,426 posts whose sarcasm
  is told in folds (docs/evaluation.md) 17 pairs are alike by letters, and 9 of them by words.
- ``groups_by_embedding`` and ``are_near``, by meaning: what search learns and is measured by lies
  in embeddings, where posts without a word in common may be one place. The embeddings are there;
  the other two tests would let such posts into both halves.
"""

import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from schema.nodes import Post
from schema.text import normalize

LETTERS: Final = 4
LEAST: Final = 0.5
"""Share of four-grams from which two posts are near duplicates."""

NEAR: Final = 0.8
"""Cosine from which two posts are: of all pairs of 1,000 real posts, 30 are."""

WORD: Final = re.compile(r"\w+")
PASSED_OVER: Final = re.compile(r"https?\s*:\s*//\S*|@\s?\w+|\brt\b|\W+")


def words_of(text: str) -> str:
    """Return the words of a text, each once, in one order; empty where it has none.

    Posts of the same words are one group: in one fold, and drawn together.
    """
    return " ".join(sorted(set(WORD.findall(text.casefold()))))


def groups_by_embedding(embeddings: NDArray[np.float32]) -> list[int]:
    """Return the number of each post's group, in which each is near another of it.

    Args:
        embeddings: (posts, dimensions), of unit length; posts may be none.
    """
    if not len(embeddings):
        return []
    graphs: Any = import_module("scipy.sparse.csgraph")
    near = embeddings @ embeddings.T >= NEAR
    groups: NDArray[np.int32] = graphs.connected_components(near, directed=False)[1]
    return groups.tolist()


def are_near(embeddings: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say of each post whether it is near one of others, (posts,).

    Args:
        embeddings: (posts, dimensions), of unit length; posts may be none.
        others: (others, dimensions), as well.
    """
    if not (len(embeddings) and len(others)):
        return np.zeros(len(embeddings), bool)
    return (embeddings @ others.T).max(axis=1) >= NEAR


class NearDuplicates:
    """Tells whether a post is nearly one of those that were given."""

    def __init__(self, posts: Iterable[Post]) -> None:
        some = list(posts)
        self._ids = {post.id for post in some}
        self._grams = [grams for post in some if (grams := _grams_of(post.text))]

    def holds(self, post: Post) -> bool:
        """Say whether a post has the id of one of them, or nearly its text."""
        grams = _grams_of(post.text)
        return post.id in self._ids or any(_jaccard(grams, other) >= LEAST for other in self._grams)


def _grams_of(text: str) -> frozenset[str]:
    """Return the four-grams; a shorter text is one by itself, and one without letters has none."""
    plain = PASSED_OVER.sub("", normalize(text))
    places = range(max(1, len(plain) - LETTERS + 1))
    return frozenset(plain[n : n + LETTERS] for n in places) - {""}


def _jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    both = len(first & second)
    return both / max(1, len(first) + len(second) - both)
