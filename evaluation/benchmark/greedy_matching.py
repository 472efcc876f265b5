"""BERTScore: each token is matched with the most alike of the other text.

Zhang et al., BERTScore: Evaluating Text Generation with BERT, ICLR 2020, section 3; without weights
by rarity, and not rescaled. The package ``bert-score`` gives the same (a test holds it to that),
but is no longer kept: on this transformers, it fails on a text that is empty.
"""

from collections.abc import Sequence

import numpy as np

from evaluation.benchmark.encoder import TokenEncoder, Tokens
from evaluation.bootstrap import Floats


def bert_scores(encoder: TokenEncoder, written: Sequence[str], references: Sequence[str]) -> Floats:
    """Return the F1 of each text and its reference, (n,); 0 where one is empty."""
    texts = sorted({*written, *references})
    tokens = dict(zip(texts, encoder.encode(texts), strict=True))
    pairs = zip(written, references, strict=True)
    return np.array([_f1(tokens[text], tokens[other]) for text, other in pairs])


def _f1(written: Tokens, reference: Tokens) -> float:
    if not (written.counted.any() and reference.counted.any()):
        return 0.0
    alike = np.asarray(written.vectors @ reference.vectors.T, np.float64)
    precision = float(alike.max(axis=1)[written.counted].mean())
    recall = float(alike.max(axis=0)[reference.counted].mean())
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
