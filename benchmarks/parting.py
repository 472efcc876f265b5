"""Motive and topic of intentions, parted in several ways, on triplets written for this.

``triplets.tsv`` holds 80, eight of each relation: an anchor, a text with the same motive about
another topic, and one with another motive about the anchor's topic. Beside them stand the words of
both topics, as a post's key information would have them.
"""

import csv
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_sentences import DATA
from benchmarks.report import section, table
from ingest.link import links
from kg.concepts import concept_uri_of
from kg.embedder import Embedder
from kg.motive import Parted, topic_parts
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings
from schema.nodes import text_of_uri

TRIPLETS: Final = Path(__file__).with_name("triplets.tsv")
COMMONSENSE: Final = ("conceptnet/train.txt", "conceptnet/valid.txt", "conceptnet/test.txt")
A_RELATION: Final = 8
"""Triplets of one relation."""

HEAD: Final = (
    *("split", "concepts", "by motive", "by topic", "both"),
    *("first of 23 by motive", "by topic", "sign test, motive", "topic"),
)
Rows = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Texts:
    """The embeddings of n texts, (n, dimensions), and of the concepts of each, (some, dimensions).

    Three a triplet, in its order; the triplets of one relation stand together.
    """

    whole: Rows
    concepts: Sequence[Rows]

    def of(self, rows: Sequence[int]) -> "Texts":
        """Return some of the texts."""
        return Texts(self.whole[list(rows)], [self.concepts[row] for row in rows])


async def main() -> None:
    """Measure and report."""
    with TRIPLETS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    texts = [row[name] for row in rows for name in ("anchor", "same_motive", "same_topic")]
    said = _uris(word for row in rows for word in f"{row['topic']},{row['other_topic']}".split(","))
    vocabularies = {"what posts mention": said}
    if DATA.exists():
        vocabularies["and ConceptNet's"] = said | _commonsense()
    async with sentence_embedder(EmbedderSettings()) as embedder:
        parted = {name: await _texts(embedder, texts, of) for name, of in vocabularies.items()}
    plain = _cosines(next(iter(parted.values())), _plain)
    lines = [_line("plain cosine", "", plain, plain)]
    for name, of in parted.items():
        lines += [_line(title, name, cosines, plain) for title, cosines in _splits(of).items()]
    section(
        "motive",
        "Motive and topic",
        f"{len(rows)} triplets, eight of each relation, written for this "
        "(`benchmarks/triplets.tsv`): an anchor, the same motive about another topic, another "
        "motive about the same topic. By motive the first is to be more like the anchor than the "
        "second, by topic the second: plain cosine can have only one of both right. First of 23: "
        "it is also more like it than all texts of the other triplets of the relation. The sign "
        "tests count the triplets that only the split has right, and only plain cosine, with p of "
        "both sides. In use: the bold one.",
        table(HEAD, lines),
        "By topic, nothing is gained: cosine is all topic here. By motive the pair is hard, and a "
        "coin has half of them right: plain cosine almost none, the split about half, where the "
        "concepts are the topics' own words (which the same hand wrote beside the triplets), and "
        "less where ConceptNet makes concepts of the motive's words too. Among 23 a coin has 0.04 "
        "right. The gain is significant, and the task far from solved: read a ranking by motive as "
        "candidates.",
    )


def _uris(phrases: Iterable[str]) -> set[str]:
    return {uri for uri in map(concept_uri_of, phrases) if uri}


def _commonsense() -> set[str]:
    """Return the concepts of CN-100K."""
    lines = (line for name in COMMONSENSE for line in (DATA / name).read_text("utf-8").splitlines())
    return _uris(end for line in lines for end in line.split("\t")[1:3])


async def _texts(embedder: Embedder, texts: Sequence[str], vocabulary: Set[str]) -> Texts:
    linked = [[link.concept_id for link in links("", text, vocabulary)] for text in texts]
    every = sorted({uri for some in linked for uri in some})
    embedded = (await embedder.embed([text_of_uri(uri) for uri in every])).astype(np.float64)
    place = {uri: row for row, uri in enumerate(every)}
    concepts = [embedded[[place[uri] for uri in some]] for some in linked]
    return Texts((await embedder.embed(texts)).astype(np.float64), concepts)


def _cosines(texts: Texts, compare: Callable[[Texts], Rows]) -> Rows:
    """Compare each anchor with every other text of its relation.

    Returns:
        (triplets, 23, 2): of the same motive, of the same topic, and of the 21 others, the cosines
        of motive and of topic.
    """
    block = 3 * A_RELATION
    found: list[Rows] = []
    for anchor in range(0, len(texts.whole), 3):
        own = range(anchor, anchor + 3)
        start = anchor - anchor % block
        others = [row for row in range(start, start + block) if row not in own]
        found.append(compare(texts.of([*own, *others])))
    return np.array(found)


def _plain(texts: Texts) -> Rows:
    """Compare whole texts, for motive and topic alike."""
    likeness = _parts(texts.whole, np.zeros_like(texts.whole))
    return np.repeat(likeness[:, :1], 2, axis=1)


def _own(texts: Texts) -> Rows:
    """Project each text onto the span of its own concepts."""
    return _parts(texts.whole, topic_parts(texts.whole, _spans(texts.concepts)))


def _joint(texts: Texts) -> Rows:
    """Project the two texts that are compared onto the span of the concepts of both."""
    found: list[Rows] = []
    for other in range(1, len(texts.whole)):
        pair = texts.of([0, other])
        both = np.concatenate(pair.concepts)
        found.append(_parts(pair.whole, topic_parts(pair.whole, _spans([both, both])))[0])
    return np.array(found)


def _parts(whole: Rows, topic: Rows) -> Rows:
    """Compare the first text with each of the others: cosines of motive and of topic."""
    likeness = Parted(whole, whole, topic).likeness(0)[1:]
    return np.array([(one.motive, one.topic) for one in likeness])


def _spans(concepts: Sequence[Rows]) -> Rows:
    """Pad the concepts of each text to as many, with zeros."""
    most = max(len(some) for some in concepts)
    return np.array([np.pad(some, ((0, most - len(some)), (0, 0))) for some in concepts])


def _centred(texts: Texts) -> Texts:
    """Take the mean of all texts from each, and that of all concepts from each concept."""
    common = np.concatenate(texts.concepts).mean(axis=0)
    return Texts(texts.whole - texts.whole.mean(axis=0), [c - common for c in texts.concepts])


def _splits(texts: Texts) -> dict[str, Rows]:
    centred = _centred(texts)
    return {
        "own span": _cosines(texts, _own),
        "**own span, means removed**": _cosines(centred, _own),
        "joint span": _cosines(texts, _joint),
        "joint span, means removed": _cosines(centred, _joint),
    }


def _right(cosines: Rows) -> tuple[Flags, Flags]:
    """Say of each triplet whether it is in order by motive, and by topic; a tie is not."""
    return cosines[:, 0, 0] > cosines[:, 1, 0], cosines[:, 1, 1] > cosines[:, 0, 1]


def _first(cosines: Rows) -> tuple[Flags, Flags]:
    """Say whether of all 23 texts the right one is nearest by motive, and by topic."""
    motive, topic = cosines[:, :, 0], np.delete(cosines[:, :, 1], 1, axis=1)
    return motive[:, 0] > motive[:, 1:].max(axis=1), cosines[:, 1, 1] > topic.max(axis=1)


def _line(title: str, vocabulary: str, cosines: Rows, plain: Rows) -> list[str]:
    right = _right(cosines)
    shares = [f"{share.mean():.3f}" for share in (*right, right[0] & right[1], *_first(cosines))]
    tests = [_sign_test(a, b) for a, b in zip(right, _right(plain), strict=True)]
    return [title, vocabulary, *shares, *tests]


def _sign_test(split: Flags, plain: Flags) -> str:
    won, lost = int((split & ~plain).sum()), int((plain & ~split).sum())
    draws = won + lost
    tail = sum(comb(draws, i) for i in range(min(won, lost) + 1)) / 2**draws
    return f"{won} : {lost}, p = {min(1.0, 2 * tail):.2g}"
