"""A cross-encoder that orders the first answers anew: it reads a question and an answer together.

It is fine-tuned on the judged posts that are learnt from: what people accepted of a post, against
the nearest tails of other posts, which plain cosine takes for answers as well (hard negatives;
Karpukhin et al., Dense Passage Retrieval, 2020, section 3.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from evaluation.classifier.classifier import Classifier, Data
from evaluation.classifier.encoder import PretrainedEncoder
from evaluation.classifier.segments import segments
from evaluation.classifier.state import Training
from evaluation.folders import claim
from evaluation.searching.examples import asked
from evaluation.searching.graded import Query
from evaluation.searching.material import Corpus, Material
from ingest.progress import NotingReport, Report
from schema.errors import InputError
from schema.relations import Relation
from schema.text import digest

RERANKED: Final = 50
"""Answers that are ordered anew; the others stay behind them."""

NEGATIVES: Final = 3
"""Tails of other posts for each that was accepted."""

NEAREST: Final = 30
"""Of so many that are nearest they are drawn."""

VALIDATION: Final = 8
"""Of so many posts one stops the learning."""

BUDGETS: Final = (64, 32)
"""Most tokens of what asks, and of the sentence that answers."""

TRAINING: Final = Training(epochs=2, patience=1)
QUERIES: Final = 50
"""Questions that are told at a time."""

SEED: Final = 0
STATE: Final = "cross-encoder.pt"


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """What asks, the sentence that answers, and whether people took it.

    Attributes:
        asking: A post, or an intention of it.
        answer: A whole sentence.
        is_right: Whether it is of the same post, and accepted.
        post_id: The post's that asks.
    """

    asking: str
    answer: str
    is_right: bool
    post_id: str


class Reranker:
    """A cross-encoder, fine-tuned."""

    def __init__(self, encoder: PretrainedEncoder, classifier: Classifier) -> None:
        self._encoder = encoder
        self._classifier = classifier

    def ranked(
        self,
        corpus: Corpus,
        queries: Sequence[Query],
        found: Sequence[Sequence[str]],
        progress: Report,
    ) -> list[list[str]]:
        """Order the first answers of each question anew, ties as they were.

        Args:
            corpus: What may be found.
            queries: Questions.
            found: The ids that answer each, best first.
            progress: Told how many questions are done.
        """
        sentences = dict(
            zip(corpus.ids, map(_sentence, corpus.relations, corpus.texts), strict=True)
        )
        told: list[list[str]] = []
        for start in range(0, len(queries), QUERIES):
            some = range(start, min(len(queries), start + QUERIES))
            rows = [(queries[n].text, sentences[i]) for n in some for i in found[n][:RERANKED]]
            likely = iter(self._likely(rows))
            for n in some:
                first = found[n][:RERANKED]
                each = {i: next(likely) for i in first}
                told.append(
                    [*sorted(first, key=each.__getitem__, reverse=True), *found[n][RERANKED:]]
                )
            progress(len(told), len(queries))
        return told

    def _likely(self, rows: Sequence[tuple[str, str]]) -> list[float]:
        if not rows:
            return []
        read = segments(self._encoder.tokenizer, rows, BUDGETS)
        return self._classifier.estimates(read).tolist()


def reranker(
    given: Material, encoder: PretrainedEncoder, folder: Path, progress: NotingReport
) -> Reranker:
    """Fine-tune a cross-encoder, and keep it in a folder; what was stopped goes on there.

    Raises:
        InputError: The folder holds something else, or there is nothing to learn from.
    """
    answers = judged_answers(given)
    if not any(one.is_right for one in answers):
        raise InputError("nothing that people accepted is left to learn from: judge more posts")
    told = (f"{a.asking}\x1f{a.answer}\x1f{a.is_right}" for a in answers)
    how = f"{encoder.revision} {encoder.name} {TRAINING} {BUDGETS}"
    claim(folder, digest(how, *told), "--reranked")
    read = segments(encoder.tokenizer, [(one.asking, one.answer) for one in answers], BUDGETS)
    data = Data(read, np.array([one.is_right for one in answers]))
    posts = {post_id: n for n, post_id in enumerate(dict.fromkeys(a.post_id for a in answers))}
    stops = np.array([posts[one.post_id] % VALIDATION == 0 for one in answers])
    train, valid = np.flatnonzero(~stops), np.flatnonzero(stops)
    if not len(train):
        raise InputError("one post is too few to learn from: judge more posts")
    total = TRAINING.epochs * len(train)

    def tick(epoch: int, rows: int) -> None:
        progress((epoch - 1) * len(train) + rows, total, f"epoch {epoch}")

    classifier = Classifier(encoder, data, TRAINING, SEED)
    classifier.fit(train, valid, folder / STATE, tick)
    return Reranker(encoder, classifier)


def judged_answers(given: Material) -> list[JudgedAnswer]:
    """Return what a cross-encoder is fine-tuned on: each that was accepted, and its negatives.

    A post asks, and the intention before; as for a fine-tuned encoder
    (evaluation.searching.examples). What was refused of the same post is in neither, and what
    another post says in the same words is no negative.
    """
    tails = [
        (post.id, pair.relation, pair.tail, given.rows[pair.has.intention_id])
        for post in given.learnt
        for pair in post.pairs
        if pair.has.intention_id in given.rows
    ]
    if not tails:
        return []
    embeddings = np.stack([row for *_, row in tails])
    owners = np.array([post_id for post_id, *_ in tails])
    sentences = np.array([_sentence(relation, tail) for _, relation, tail, _ in tails])
    chance = np.random.default_rng(SEED)
    answers: list[JudgedAnswer] = []
    for post in given.learnt:
        own = [_sentence(pair.relation, pair.tail) for pair in post.pairs]
        is_own = (owners == post.id) | np.isin(sentences, own)
        for before, pair in asked(post):
            asking = post.text if before is None else before.tail
            row = post.embedding if before is None else given.rows.get(before.has.intention_id)
            if row is None:
                continue
            right = _sentence(pair.relation, pair.tail)
            answers.append(JudgedAnswer(asking, right, True, post.id))
            alike = np.where(is_own, -np.inf, embeddings @ row)
            nearest = np.argsort(-alike, kind="stable")[:NEAREST]
            others = [int(n) for n in nearest if np.isfinite(alike[n])]
            for n in chance.permutation(len(others))[:NEGATIVES]:
                wrong = str(sentences[others[int(n)]])
                answers.append(JudgedAnswer(asking, wrong, False, post.id))
    return answers


def _sentence(relation: Relation, tail: str) -> str:
    return relation.about.sentence(tail)
