"""What passes a filter over the columns that Neo4j's store holds, against the definition."""

from collections.abc import Sequence

import numpy as np
from contract.filtered_graphs import filters, graphs, is_in, pairs
from hypothesis import given, settings

from kg.columns.counting import Numbers
from kg.columns.places import ASPECT_PLACE, RELATION_PLACE
from kg.neo4j.passing import Passing, is_answered
from kg.neo4j.read_columns import Found, held
from kg.neo4j.rows import labels
from schema.facets import COUNTED, Facet
from schema.graph import EVERYTHING, Batch, Filter

FIRST = 5
"""The server's numbers of nodes begin anywhere."""


def found(batch: Batch) -> Found:
    """Return what would be read of a graph."""
    posts = {post.id: n for n, post in enumerate(batch.posts, FIRST)}
    intentions = {i.id: n for n, i in enumerate(batch.intentions, FIRST)}
    concepts = {c.id: n for n, c in enumerate(batch.concepts, FIRST)}
    runs = {"": 0} | {run.id: n for n, run in enumerate(batch.runs, 1)}
    valued = {
        Facet.SOURCE: [(p.id, p.source) for p in batch.posts],
        Facet.LABEL: [(p.id, name) for p in batch.posts for name in labels(p.labels.items())],
        Facet.HASHTAG: [(p.id, tag) for p in batch.posts for tag in p.hashtags],
    }
    values = {by: sorted({value for _, value in rows}) for by, rows in valued.items()}
    return Found(
        table([(intentions[i.id], RELATION_PLACE[i.relation]) for i in batch.intentions], 2),
        table(
            [
                (posts[h.post_id], intentions[h.intention_id], runs[h.run_id])
                for h in batch.has_intention
            ],
            3,
        ),
        table([(intentions[a.intention_id], concepts[a.concept_id]) for a in batch.about], 2),
        table(
            [
                (posts[m.post_id], concepts[m.concept_id], ASPECT_PLACE[m.aspect])
                for m in batch.mentions
            ],
            3,
        ),
        {
            by: table([(posts[post], 1 + values[by].index(value)) for post, value in rows], 2)
            for by, rows in valued.items()
        },
        values,
        {number: concept for concept, number in concepts.items()},
        [
            {Facet.RUN: run.id, Facet.MODEL: run.model, Facet.PROMPT: run.prompt_hash}
            for run in batch.runs
        ],
    )


def table(rows: Sequence[tuple[int, ...]], width: int) -> Numbers:
    return np.array(rows, np.int64).reshape(-1, width)


@given(graphs, filters.filter(is_answered))
@settings(max_examples=200, deadline=None)
def test_what_passes_is_what_the_definition_says(batch: Batch, where: Filter) -> None:
    columns = held(found(batch))
    posts = {None: 0} | {post.id: key for key, post in enumerate(batch.posts, 1)}
    intentions = {None: 0} | {i.id: key for key, i in enumerate(batch.intentions, 1)}
    for one in (EVERYTHING, where):
        passing = Passing(columns, one)
        expected = sorted(
            [posts[pair.post], intentions[pair.intention]]
            for pair in pairs(batch)
            if is_in(batch, one, pair)
        )

        assert sorted(passing.pairs()[:2].T.tolist()) == expected
        for place, kind in enumerate(COUNTED):
            assert passing.nodes(kind).tolist() == sorted({row[place] for row in expected} - {0})
