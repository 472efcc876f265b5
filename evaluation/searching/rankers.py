"""The rankers that are compared, and the graph's own searches among them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from evaluation.searching.graded import Query
from evaluation.searching.material import Corpus
from evaluation.searching.measures import DEEP
from ingest.progress import Report
from kg.fusion import FUSION_POOL, HYBRID, Scheme, ranked
from kg.store import GraphStore
from schema.graph import Filter
from schema.nodes import NodeKind
from schema.relations import Relation
from schema.search import Mode


class Ranker(StrEnum):
    """A way to rank."""

    SEMANTIC = "semantic"
    TEXT = "text"
    HYBRID = "hybrid"
    FRAMED = "framed"
    RELATION_CENTRED = "relation-centred"
    PROJECTED = "projected"
    TUNED = "fine-tuned"
    RERANKED = "reranked"


OF_STORE: Final = {
    Ranker.SEMANTIC: Scheme(Mode.SEMANTIC),
    Ranker.TEXT: Scheme(Mode.TEXT),
    Ranker.HYBRID: HYBRID,
}

Rankings = Mapping[Ranker, Sequence[Sequence[str]]]
"""Of each ranker, the ids that answer each query, best first, DEEP at most, never what asked."""


async def searched(
    store: GraphStore, corpus: Corpus, queries: Sequence[Query], progress: Report
) -> dict[Ranker, list[list[str]]]:
    """Rank by the graph's own searches, as `miko search` does, within a corpus."""
    known, filters = set(corpus.ids), _filters(corpus, queries)
    found: dict[Ranker, list[list[str]]] = {ranker: [] for ranker in OF_STORE}
    for done, query in enumerate(queries, start=1):
        where = filters[query.within]
        near = await store.nearest(NodeKind.INTENTION, query.embedding, FUSION_POOL, where)
        matches = await store.match(NodeKind.INTENTION, query.text, FUSION_POOL, where)
        for ranker, scheme in OF_STORE.items():
            by_meaning, by_words = ranker is not Ranker.TEXT, ranker is not Ranker.SEMANTIC
            hits = ranked(near if by_meaning else [], matches if by_words else [], scheme)
            ids = [hit.id for hit in hits if hit.id in known and hit.id != query.node_id]
            found[ranker].append(ids[:DEEP])
        progress(done, len(queries))
    return found


def _filters(corpus: Corpus, queries: Sequence[Query]) -> Mapping[Relation | None, Filter]:
    """Return the filter of each relation that is asked within: the corpus is the same for all."""
    whole = Filter(posts=tuple(corpus.post_ids))
    relations = {query.within for query in queries}
    return {r: whole if r is None else replace(whole, relations=(r,)) for r in relations}
