"""What a subgraph's file says of itself in its first line: counts, licences, what was left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain
from typing import Any

from kg.licences import attribution_of
from schema.graph import NO_RUN, Batch
from schema.subgraph import FORMAT
from schema.subgraph_lines import as_bytes


@dataclass(frozen=True, slots=True)
class Licence:
    """Under which licence a part of a subgraph is, and whom to name.

    Attributes:
        of: The label or type.
        source: Of posts and commonsense their source, of what a run says its model, of judgements
            the annotator; empty where none is known.
        licence: As the source names it; None where the graph does not know it.
        attribution: Whom to name; None where that is not known.
        count: How many nodes or relationships.
    """

    of: str
    source: str
    licence: str | None
    attribution: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Exported:
    """A subgraph as text, and what its manifest says.

    Attributes:
        graph: The graph's identity (GraphStore.identity).
        version: The graph's, at which all of it was read.
        created: When, as an ISO 8601 time in UTC.
        counts: How many of each label and type there are; none is 0.
        licences: What is known of the parts' licences.
        more_posts_of: Intentions that have more posts in the graph, by rising id.
        more_pass: Whether more posts pass the filter.
        sha256: Of ``content``, in hex.
        content: The lines behind the first, as UTF-8 (schema.subgraph).
        asked: What was asked for; JSON can say it.
    """

    graph: str
    version: int
    created: str
    counts: Mapping[str, int]
    licences: Sequence[Licence]
    more_posts_of: Sequence[str]
    more_pass: bool
    sha256: str
    content: bytes
    asked: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def manifest(self) -> dict[str, Any]:
        """Return the first line, as JSON has it."""
        return {
            "format": FORMAT,
            "created": self.created,
            "graph": self.graph,
            "version": self.version,
            "asked": self.asked,
            "counts": self.counts,
            "licences": [_told(one) for one in self.licences],
            "left_out": {"more_posts_of": self.more_posts_of, "more_pass": self.more_pass},
            "sha256": self.sha256,
            "size_bytes": len(self.content),
        }

    @property
    def lines(self) -> bytes:
        """Return all lines, the manifest first: what `miko load` takes."""
        return as_bytes(self.manifest) + self.content


def parts_of(batch: Batch) -> dict[str, Sequence[object]]:
    """Return what a batch holds, by label and type; empty parts are left out."""
    parts: dict[str, Sequence[object]] = {
        "Run": batch.runs,
        "Concept": batch.concepts,
        "Intention": batch.intentions,
        "Post": batch.posts,
        "ABOUT": batch.about,
        "HAS_INTENTION": batch.has_intention,
        "Judgement": batch.judgements,
        "MENTIONS": batch.mentions,
        "RELATED": batch.related,
    }
    return {name: part for name, part in parts.items() if part}


def licences_of(batch: Batch) -> list[Licence]:
    """Return what is known of licences: of posts and of what a run says, the graph knows none."""
    models = {run.id: run.model for run in batch.runs} | {NO_RUN: ""}
    counted = Counter[tuple[str, str, str | None]](
        chain(
            (("Post", post.source, None) for post in batch.posts),
            (("HAS_INTENTION", models[h.run_id], None) for h in batch.has_intention),
            (("MENTIONS", models[m.run_id], None) for m in batch.mentions),
            (("Judgement", judgement.annotator, None) for judgement in batch.judgements),
            (("RELATED", one.source, one.licence or None) for one in batch.related),
        )
    )
    return [
        Licence(of, source, licence, attribution_of(source) if of == "RELATED" else None, count)
        for (of, source, licence), count in sorted(
            counted.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or "")
        )
    ]


def _told(licence: Licence) -> dict[str, Any]:
    return {f.name: getattr(licence, f.name) for f in fields(licence)}
