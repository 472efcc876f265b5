"""Posts that say nearly the same: none of a test split may be learnt from, or shown.

Two posts are near duplicates where at least half of their character four-grams are the same
(Jaccard; Broder, On the resemblance and containment of documents, 1997), after links, accounts,
case and spaces are taken out: a retweet is one, and so is the same joke with another name.
"""

import re
from collections.abc import Iterable
from typing import Final

from schema.nodes import Post
from schema.text import normalize

LETTERS: Final = 4
LEAST: Final = 0.5
WORD: Final = re.compile(r"\w+")
PASSED_OVER: Final = re.compile(r"https?\s*:\s*//\S*|@\s?\w+|\brt\b|\W+")


def words_of(text: str) -> str:
    """Return the words of a text, each once, in one order; empty where it has none.

    Posts of the same words are kept in one fold.
    """
    return " ".join(sorted(set(WORD.findall(text.casefold()))))


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
