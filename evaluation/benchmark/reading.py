"""What a file says of posts, in any format of `miko load`: tails, and their judgements."""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.annotation.accepted import accepted
from ingest.distill.answers import TAIL_LIMIT, plain_tail
from ingest.formats.format import Parsed, Rejected
from ingest.formats.recognise import recognised, rows
from schema.graph import Batch, HasIntention, Judgement
from schema.nodes import Post
from schema.relations import Relation
from schema.text import normalize

Slot = tuple[str, Relation]
"""A post's id and a relation."""


@dataclass(frozen=True, slots=True)
class FileContents:
    """What a file holds.

    Attributes:
        posts: By id, in the file's order; of several with one id, the first.
        tails: The first tail of each slot, without its frame; never empty.
        judged: The slots of which somebody judged a tail.
        accepted: The first tail of each slot that people accepted (evaluation.annotation.accepted).
        models: What the runs name that wrote tails.
        faults: Why rows and tails were left out, and how often.
    """

    posts: Mapping[str, Post]
    tails: Mapping[Slot, str]
    judged: Set[Slot]
    accepted: Mapping[Slot, str]
    models: Set[str]
    faults: Counter[str]


def contents_of(path: Path) -> FileContents:
    """Read a file; what is malformed in it is left out, and counted.

    Raises:
        FormatError: It cannot be opened, or is in no format known.
    """
    reading = _Reading()
    for row in rows(path, recognised(path)):
        if isinstance(row, Parsed):
            reading.add(row.batch)
        elif isinstance(row, Rejected):
            reading.faults[f"{row.field}: {row.reason}" if row.field else row.reason] += 1
    return reading.contents()


@dataclass(slots=True)
class _Reading:
    """What rows said so far: in some formats a post, its tails and judgements are rows apart."""

    posts: dict[str, Post] = field(default_factory=dict[str, Post])
    relations: dict[str, Relation] = field(default_factory=dict[str, Relation])
    models: dict[str, str] = field(default_factory=dict[str, str])
    said: list[HasIntention] = field(default_factory=list[HasIntention])
    judgements: dict[tuple[str, str], list[Judgement]] = field(
        default_factory=dict[tuple[str, str], list[Judgement]]
    )
    faults: Counter[str] = field(default_factory=Counter[str])

    def add(self, batch: Batch) -> None:
        for post in batch.posts:
            self.posts.setdefault(post.id, post)
        self.relations.update((one.id, one.relation) for one in batch.intentions)
        self.models.update((run.id, run.model) for run in batch.runs)
        self.said.extend(batch.has_intention)
        for one in batch.judgements:
            self.judgements.setdefault((one.post_id, one.intention_id), []).append(one)

    def contents(self) -> FileContents:
        tails: dict[Slot, str] = {}
        taken: dict[Slot, str] = {}
        for has in self.said:
            slot = self._slot(has)
            tail = self._checked(plain_tail(slot[1], has.raw)) if slot else ""
            if slot and tail:
                tails.setdefault(slot, tail)
                if accepted(self.judgements.get((has.post_id, has.intention_id), ())):
                    taken.setdefault(slot, tail)
        every = (one for some in self.judgements.values() for one in some)
        judged = {slot for one in every if (slot := self._slot(one))}
        models = {self.models[has.run_id] for has in self.said if has.run_id in self.models}
        return FileContents(self.posts, tails, judged, taken, models, self.faults)

    def _slot(self, of: HasIntention | Judgement) -> Slot | None:
        relation = self.relations.get(of.intention_id)
        return (of.post_id, relation) if relation else None

    def _checked(self, tail: str) -> str:
        """Return a tail, or an empty string where it is none."""
        if len(tail) > TAIL_LIMIT:
            self.faults[f"a tail has over {TAIL_LIMIT} characters"] += 1
        elif not normalize(tail):
            self.faults["a tail holds no words besides its frame"] += 1
        else:
            return tail
        return ""
