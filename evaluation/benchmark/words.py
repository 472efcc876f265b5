"""Measures of common words, by the packages that others use: BLEU, ROUGE-L, METEOR."""

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from evaluation.bootstrap import Floats

ORDER: Final = 4
"""BLEU counts up to four words in a row."""


def named() -> dict[str, str]:
    """Return how each measure is computed, by its name."""
    return {
        "BLEU": f"sacrebleu {version('sacrebleu')}: corpus BLEU of all slots, 13a, exp, mixed case",
        "ROUGE-L": f"rouge-score {version('rouge-score')}: F1, without stemming",
        "METEOR": f"nltk {version('nltk')}: exact words and Porter stems, without WordNet's "
        "synonyms",
    }


def bleu_counts(written: Sequence[str], references: Sequence[str]) -> Floats:
    """Return what BLEU is made of, (2 * ORDER + 2,): n-grams that match, n-grams, both lengths."""
    sacrebleu: Any = import_module("sacrebleu")
    if not references:
        return np.zeros(2 * ORDER + 2)
    found = sacrebleu.BLEU().corpus_score(list(written), [list(references)])
    return np.array([*found.counts, *found.totals, found.sys_len, found.ref_len], np.float64)


def bleu(counts: Floats) -> Floats:
    """Return BLEU in [0, 1] of sums of counts, (b, 2 * ORDER + 2) to (b,).

    Smoothed as sacrebleu's default does: an order without a match counts half a match at first, a
    quarter next. Where a text has no n-gram of an order at all, BLEU is 0.
    """
    matches, totals = counts[:, :ORDER], counts[:, ORDER : 2 * ORDER]
    halvings = np.cumsum((matches == 0) & (totals > 0), axis=1)
    is_some = (totals > 0).all(axis=1) & (matches[:, 0] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        smoothed = np.where(matches > 0, matches, 0.5**halvings)
        precision = np.exp(np.mean(np.log(smoothed / totals), axis=1))
        brevity = np.exp(np.minimum(0, 1 - counts[:, -1] / counts[:, -2]))
        return np.where(is_some, precision * brevity, 0.0)


def rouge_l(written: Sequence[str], references: Sequence[str]) -> Floats:
    """Return ROUGE-L's F1 of each text and its reference, (n,)."""
    scorer: Any = import_module("rouge_score.rouge_scorer").RougeScorer(["rougeL"])
    pairs = zip(written, references, strict=True)
    return np.array([scorer.score(other, text)["rougeL"].fmeasure for text, other in pairs])


def meteor(written: Sequence[str], references: Sequence[str]) -> Floats:
    """Return METEOR of each text and its reference, (n,): of exact words and stems alone.

    WordNet's data comes with no package; nltk is given one that knows no synonym.
    """
    score: Any = import_module("nltk.translate.meteor_score").single_meteor_score
    cut: Any = import_module("sacrebleu.tokenizers.tokenizer_13a").Tokenizer13a()
    pairs = zip(written, references, strict=True)
    return np.array(
        [
            score(cut(other).split(), cut(text).split(), wordnet=_NoSynonyms())
            for text, other in pairs
        ]
    )


class _NoSynonyms:
    """WordNet, without a word in it."""

    def synsets(self, _word: str) -> list[object]:
        return []
