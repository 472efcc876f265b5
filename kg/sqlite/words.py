"""The full-text index of one kind of node: tantivy on disk, ranked by BM25.

A query is cut into words by the analyser that cut the texts, and built of terms: no character of
it is an operator.
"""

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, LiteralString

import numpy as np
import tantivy
from numpy.typing import NDArray

from kg.analysis import analyzer, words_asked
from kg.sqlite import changes, sidecar
from kg.sqlite.selected import Selected
from kg.sqlite.sidecar import Owner, Sidecar
from kg.store import RELEVANCE_DIGITS
from schema.nodes import NodeKind

LAYOUT: Final = 3
ANALYZER: Final = "words"
HEAP_BYTES: Final = 64_000_000
SLACK: Final = 16
GROWTH: Final = 4
LOOKED_AT: Final = 65_536
"""Keys that are looked up at a time, to leave rows alone that are as they were."""

SET_LIMIT: Final = 1000
"""Where no more nodes than this pass a filter, it becomes part of the query."""

PLAIN_WORD: Final = re.compile(r"(?:^|\s)[A-Za-z]{1,20}(?:\s|$)")
"""Seldom misses where there is a word, and never sees one where there is none."""

TEXTS: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: """
        SELECT key, id, 0, text || char(10) || image_description FROM post
        WHERE key BETWEEN ? AND ?
    """,
    NodeKind.INTENTION: """
        SELECT key, id, relation, text FROM intention WHERE key BETWEEN ? AND ?
    """,
    NodeKind.CONCEPT: "SELECT key, id, 0, text FROM concept WHERE key BETWEEN ? AND ?",
}


class WordIndex:
    """The nodes of one kind by their words.

    ``catch_up`` and ``build`` are for one process and one caller at a time; ``match`` is for any.
    """

    def __init__(self, folder: Path, kind: NodeKind, owner: Owner) -> None:
        self.name = f"{kind.lower()}.words"
        self._folder = folder / self.name
        self._note = folder / f"{kind.lower()}.words.json"
        self._kind = kind
        self._owner = owner
        self._analyzer = analyzer()
        self._schema = _schema()
        self._seen = 0
        self._index: tantivy.Index | None = None
        self._reload()

    @property
    def seen(self) -> int:
        """The version of the graph up to which the index is complete."""
        return self._seen

    def catch_up(self, connection: sqlite3.Connection) -> None:
        """Index what was written since, by this process or after another one did so.

        A crash between the commit and the note makes the same rows be indexed again, which
        replaces them.
        """
        self._reload()
        version = changes.version(connection)
        ranges = changes.since(connection, self._kind, self._seen)
        if ranges:
            index = self._index or self._created()
            self._write(index, connection, ranges)
            index.reload()
            self._index = index
            sidecar.write(self._note, Sidecar(self._owner.graph, version, LAYOUT))
        self._seen = version

    def is_behind(self, connection: sqlite3.Connection) -> bool:
        """Whether something was written since."""
        return bool(changes.since(connection, self._kind, self._seen))

    def settle(self, connection: sqlite3.Connection) -> None:
        """Bring the files up to what is written."""
        self.catch_up(connection)

    def build(self, connection: sqlite3.Connection) -> None:
        """Build anew from what SQLite holds."""
        self._note.unlink(missing_ok=True)
        self._index, self._seen = None, 0
        self.catch_up(connection)

    def match(
        self, text: str, k: int, *, relations: Sequence[int], selected: Selected | None
    ) -> list[tuple[int, float]]:
        """Return the k best keys with their rounded BM25, falling, and any that tie with the last.

        Args:
            text: What to look for; any of its words.
            k: How many.
            relations: Where not empty, places of relations, any of which a node has.
            selected: Where not None, the keys that pass.
        """
        words = words_asked(self._analyzer, text)
        if self._index is None or not words or (selected and not len(selected.keys)):
            return []
        query = self._query(words, relations, selected)
        return _ranked(self._index.searcher(), query, k, selected)

    def _query(
        self, words: Sequence[str], relations: Sequence[int], selected: Selected | None
    ) -> tantivy.Query:
        terms = [tantivy.Query.term_query(self._schema, "text", w, "freq") for w in words]
        must = [tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])]
        if relations:
            must.append(self._one_of("relation", relations))
        if selected is not None and len(selected.keys) <= SET_LIMIT:
            must.append(self._one_of("key", selected.keys.tolist()))
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in must])

    def _one_of(self, field: LiteralString, values: Iterable[int]) -> tantivy.Query:
        """Ask for one of the values, without a part in the score."""
        some = tantivy.Query.term_set_query(self._schema, field, list(values))
        return tantivy.Query.const_score_query(some, 0.0)

    def _opened(self) -> tantivy.Index | None:
        try:
            index = tantivy.Index.open(str(self._folder))
        except (OSError, ValueError):  # tantivy raises ValueError on a folder it cannot read
            return None
        index.register_tokenizer(ANALYZER, self._analyzer)
        return index

    def _created(self) -> tantivy.Index:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        index = tantivy.Index(self._schema, str(self._folder))
        index.register_tokenizer(ANALYZER, self._analyzer)
        return index

    def _reload(self) -> None:
        """See what another process has indexed since; what cannot be opened has seen nothing."""
        note = sidecar.fitting(self._note, self._owner, LAYOUT)
        if note is None:
            self._index, self._seen = None, 0
        elif note.seen > self._seen:
            self._index = self._opened()
            self._seen = note.seen if self._index else 0

    def _write(
        self,
        index: tantivy.Index,
        connection: sqlite3.Connection,
        ranges: Iterable[tuple[int, int]],
    ) -> None:
        index.reload()  # what was committed may not be noted yet
        writer = index.writer(HEAP_BYTES)
        try:
            for some in _batches(ranges):
                self._write_some(index.searcher(), writer, connection, some)
            writer.commit()
        finally:
            writer.wait_merging_threads()

    def _write_some(
        self,
        there: tantivy.Searcher,
        writer: tantivy.IndexWriter,
        connection: sqlite3.Connection,
        ranges: Sequence[tuple[int, int]],
    ) -> None:
        """Write what is new or another, and delete what is gone.

        What is as it was is left alone: until segments are merged, BM25 counts what was deleted.
        """
        old, new = self._marks(there, ranges), list[tantivy.Document]()
        for between in ranges:
            for key, node_id, relation, text in connection.execute(TEXTS[self._kind], between):
                mark = _mark(node_id, relation, text)
                if old.get(key) == mark:
                    del old[key]
                elif self._has_words(text):
                    new.append(_document(key, mark, node_id, relation, text))
        if old:  # not by term: of a number, tantivy makes a signed one there, which no key is
            gone = tantivy.Query.term_set_query(self._schema, "key", list(old))
            writer.delete_documents_by_query(gone)
        for document in new:
            writer.add_document(document)

    def _marks(self, there: tantivy.Searcher, ranges: Sequence[tuple[int, int]]) -> dict[int, int]:
        """Return what the index holds of ranges of keys: a hash of each row by its key."""
        if len(ranges) == 1:
            ((first, last),) = ranges
            unsigned = tantivy.FieldType.Unsigned
            query = tantivy.Query.range_query(self._schema, "key", unsigned, first, last)
        else:
            asked = [key for first, last in ranges for key in range(first, last + 1)]
            query = tantivy.Query.term_set_query(self._schema, "key", asked)
        hits = there.search(query, LOOKED_AT, count=False).hits
        addresses = [address for _, address in hits]
        keys = np.array(there.fast_field_values("key", addresses), np.int64)
        marks = np.array(there.fast_field_values("mark", addresses), np.uint64)
        return dict(zip(keys.tolist(), marks.tolist(), strict=True))

    def _has_words(self, text: str) -> bool:
        """A text without any counts in no mean length: so BM25 is that of Lucene."""
        return bool(PLAIN_WORD.search(text) or self._analyzer.analyze(text))


def _batches(ranges: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Cut ranges of keys into batches of ``LOOKED_AT`` keys at most."""
    batch, size = list[tuple[int, int]](), 0
    for first, last in ranges:
        for start in range(first, last + 1, LOOKED_AT):
            end = min(start + LOOKED_AT - 1, last)
            if size + end - start + 1 > LOOKED_AT:
                yield batch
                batch, size = [], 0
            batch.append((start, end))
            size += end - start + 1
    if batch:
        yield batch


def _ranked(
    searcher: tantivy.Searcher, query: tantivy.Query, k: int, selected: Selected | None
) -> list[tuple[int, float]]:
    """Ask for more until k pass and no later hit can tie with the last of them."""
    limit = k + SLACK
    while True:
        hits = searcher.search(query, limit, count=False).hits
        addresses = [address for _, address in hits]
        keys = np.array(searcher.fast_field_values("key", addresses), np.int64)
        scores = np.round(np.array([score for score, _ in hits], np.float64), RELEVANCE_DIGITS)
        passing = np.ones(len(keys), np.bool_) if selected is None else selected.holds(keys)
        is_all = len(hits) < limit
        enough = int(passing.sum()) >= k and bool(scores[-1] < scores[passing][k - 1])
        if is_all or enough:
            order = np.array(searcher.fast_field_values("order", addresses), np.uint64)
            return _first(keys[passing], scores[passing], order[passing], k)
        limit *= GROWTH


def _first(
    keys: NDArray[np.int64], scores: NDArray[np.float64], order: NDArray[np.uint64], k: int
) -> list[tuple[int, float]]:
    """Return the first k by falling score, then rising order, and all that tie with the last."""
    ranked = np.lexsort((order, -scores))
    if k < len(ranked):
        last = ranked[k - 1]
        ties = (scores == scores[last]) & (order == order[last])
        ranked = np.concatenate([ranked[:k], np.setdiff1d(np.flatnonzero(ties), ranked[:k])])
    return list(zip(keys[ranked].tolist(), scores[ranked].tolist(), strict=True))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_unsigned_field("order", fast=True)
    builder.add_unsigned_field("mark", fast=True)
    builder.add_unsigned_field("relation", indexed=True)
    builder.add_text_field("text", tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()


def _mark(node_id: str, relation: int, text: str) -> int:
    """Return a hash of what a document is made of."""
    content = f"{node_id}\n{relation}\n{text}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())


def _document(key: int, mark: int, node_id: str, relation: int, text: str) -> tantivy.Document:
    """``order`` is the first eight bytes of the id: most ties are settled without the whole."""
    document = tantivy.Document()
    document.add_unsigned("key", key)
    document.add_unsigned("mark", mark)
    document.add_unsigned("order", int.from_bytes(node_id.encode()[:8].ljust(8, b"\0")))
    document.add_unsigned("relation", relation)
    document.add_text("text", text)
    return document
