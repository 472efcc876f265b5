"""What a system's tails are worth: each measure as sums over posts, of which figures are made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import anyio.to_thread
import numpy as np

from evaluation.benchmark.encoder import TokenEncoder
from evaluation.benchmark.greedy_matching import bert_scores
from evaluation.benchmark.reading import Slot
from evaluation.benchmark.split import ReferenceSplit
from evaluation.benchmark.words import bleu, bleu_counts, meteor, named, rouge_l
from evaluation.bootstrap import Floats, Statistic
from kg.embedder import Embedder
from schema.relations import RELATIONS, Relation

BERT_SCORE: Final = "BERTScore"
TAILS_ALONE: Final = "BERTScore, tails"
EMBEDDING: Final = "Embedding"
PLACE: Final = {relation: place for place, relation in enumerate(Relation)}
COUNT: Final = len(PLACE)


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the table.

    Attributes:
        name: Its head.
        note: How it is computed, and by what.
        figure: From sums over posts to the figure, in [0, 1] or, of cosines, [-1, 1].
    """

    name: str
    note: str
    figure: Statistic


Parts = Mapping[str, Floats]
"""What each post adds to the sums, (posts, columns), by the name of the measure."""

Score = Callable[[Sequence[str], Sequence[str]], Floats]


class Scoring(Protocol):
    """What measures systems on a split."""

    @property
    def measures(self) -> Sequence[Measure]:
        """The columns that it fills."""
        ...

    async def parts(self, tails: Mapping[Slot, str]) -> Parts:
        """Return what each post adds to the sums of each measure, for one system."""
        ...


class Scorer:
    """Measures how like the references tails are."""

    def __init__(self, split: ReferenceSplit, encoder: TokenEncoder, embedder: Embedder) -> None:
        self._encoder = encoder
        self._embedder = embedder
        self._slots = list(split.references)
        self._references = list(split.references.values())
        self._posts = {post.id: place for place, post in enumerate(split.posts)}

    @property
    def measures(self) -> list[Measure]:
        """The measures, in the order of the table."""
        words = named()
        over = "mean over ten relations"
        model = f"{self._embedder.model.name} ({self._embedder.model.revision})"
        return [
            Measure(BERT_SCORE, f"F1 of whole sentences by {self._encoder.name}; {over}", mean),
            Measure(TAILS_ALONE, f"the same of tails, without their frame; {over}", mean),
            Measure("BLEU", words["BLEU"], bleu),
            Measure("ROUGE-L", f"{words['ROUGE-L']}; {over}", mean),
            Measure("METEOR", f"{words['METEOR']}; {over}", mean),
            Measure(EMBEDDING, f"cosine of tails by {model}; {over}", mean),
        ]

    async def parts(self, tails: Mapping[Slot, str]) -> Parts:
        """Return what each post adds; a slot without a tail counts 0."""
        written = [tails.get(slot, "") for slot in self._slots]
        return await anyio.to_thread.run_sync(self._of_words, written) | {
            EMBEDDING: self._by_slot(await self._cosines(written))
        }

    def _of_words(self, written: Sequence[str]) -> dict[str, Floats]:
        sentences = [self._sentences(texts) for texts in (written, self._references)]
        scores = {
            BERT_SCORE: bert_scores(self._encoder, *sentences),
            TAILS_ALONE: bert_scores(self._encoder, written, self._references),
            "ROUGE-L": rouge_l(written, self._references),
            "METEOR": meteor(written, self._references),
        }
        return {name: self._by_slot(found) for name, found in scores.items()} | {
            "BLEU": self._by_post(written)
        }

    def _sentences(self, tails: Sequence[str]) -> list[str]:
        pairs = zip(self._slots, tails, strict=True)
        return [RELATIONS[relation].sentence(tail) if tail else "" for (_, relation), tail in pairs]

    def _by_post(self, written: Sequence[str]) -> Floats:
        texts: list[tuple[list[str], list[str]]] = [([], []) for _ in self._posts]
        for (post_id, _), *pair in zip(self._slots, written, self._references, strict=True):
            for own, text in zip(texts[self._posts[post_id]], pair, strict=True):
                own.append(text)
        return np.stack([bleu_counts(*own) for own in texts])

    def _by_slot(self, scores: Floats) -> Floats:
        """Return (posts, 2 * relations): the score of each slot, and that there is one."""
        found = np.zeros((len(self._posts), 2 * COUNT))
        for (post_id, relation), score in zip(self._slots, scores.tolist(), strict=True):
            row, place = self._posts[post_id], PLACE[relation]
            found[row, [place, COUNT + place]] = score, 1
        return found

    async def _cosines(self, written: Sequence[str]) -> Floats:
        texts = sorted({*written, *self._references} - {""})
        rows = dict(zip(texts, await self._embedder.embed(texts), strict=True))
        pairs = zip(written, self._references, strict=True)
        return np.array([float(rows[text] @ rows[other]) if text else 0.0 for text, other in pairs])


def mean(sums: Floats) -> Floats:
    """Return the mean over relations of the mean over posts, (b, 2 * relations) to (b,).

    A relation without a reference is left out.
    """
    totals, counts = sums[:, :COUNT], sums[:, COUNT:]
    there = counts > 0
    means = np.divide(totals, counts, out=np.zeros_like(totals), where=there)
    with np.errstate(invalid="ignore"):
        return means.sum(axis=1) / there.sum(axis=1)


def mean_of(relation: Relation) -> Statistic:
    """Return the mean over posts in one relation; NaN where none has a reference."""
    place = PLACE[relation]

    def figure(sums: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return sums[:, place] / sums[:, COUNT + place]

    return figure
