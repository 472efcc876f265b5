"""How texts and queries are cut into words, the same in every store.

Runs of letters and digits, lower case, without accents, by their English stem; no word is left
out for being common.
"""

from functools import lru_cache
from typing import Final

import tantivy

LONGEST_WORD: Final = 64
WORD_LIMIT: Final = 64
"""Most different words of a query that are looked up."""


def analyzer() -> tantivy.TextAnalyzer:
    """Return what cuts a text."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(LONGEST_WORD))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def words_asked(cut: tantivy.TextAnalyzer, text: str) -> list[str]:
    """Return the different words of a query, the first WORD_LIMIT."""
    return list(dict.fromkeys(cut.analyze(text)))[:WORD_LIMIT]


def words_in_common(asked: str, text: str) -> list[str]:
    """Return the words of a query that a text has, as the query first writes them, in its order.

    Words are the same by their stem. Those of the query count that are looked up.
    """
    written, found = _written(asked), set(_analyzers()[0].analyze(text))
    return [written[word] for word in list(written)[:WORD_LIMIT] if word in found]


@lru_cache(maxsize=16)  # each hit of a page asks for the same
def _written(asked: str) -> dict[str, str]:
    cut, uncut = _analyzers()
    written: dict[str, str] = {}
    for word, as_written in zip(cut.analyze(asked), uncut.analyze(asked), strict=True):
        written.setdefault(word, as_written)
    return written


@lru_cache(maxsize=1)
def _analyzers() -> tuple[tantivy.TextAnalyzer, tantivy.TextAnalyzer]:
    return analyzer(), _uncut()


def _uncut() -> tantivy.TextAnalyzer:
    """Return what cuts a text into the same words and leaves them as they are."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(LONGEST_WORD))
        .build()
    )
