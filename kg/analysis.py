"""How texts and queries are cut into words, the same in every store.

Runs of letters and digits, lower case, without accents, by their English stem; no word is left
out for being common.
"""

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
