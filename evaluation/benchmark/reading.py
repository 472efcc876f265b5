"""What a file says of posts, in any format of `miko load`: tails, and their judgements."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.annotation.choices import choice_of
from ingest.distill.answers import TAIL_LIMIT, plain_tail
from ingest.formats.format import Parsed, Rejected
from ingest.formats.recognise import recognised, rows
from schema.errors import RecordError
from schema.graph import Batch, Judgement
from schema.nodes import Post
from schema.relations import Relation
from schema.text import normalize

Slot = tuple[str, Relation]
"""A post's id and a relation."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a file holds.

    Attributes:
        posts: By id, in the file's order; of several with one id, the first.
        tails: The first tail of each slot, without its frame; never empty.
        judged: The slots of which somebody judged a tail.
        accepted: The first tail of each slot that somebody accepted.
        models: What the runs name that wrote tails.
        faults: Why rows and tails were left out, and how often.
    """

    posts: dict[str, Post] = field(default_factory=dict[str, Post])
    tails: dict[Slot, str] = field(default_factory=dict[Slot, str])
    judged: set[Slot] = field(default_factory=set[Slot])
    accepted: dict[Slot, str] = field(default_factory=dict[Slot, str])
    models: set[str] = field(default_factory=set[str])
    faults: Counter[str] = field(default_factory=Counter[str])

    def add(self, batch: Batch) -> None:
        """Add what a row says."""
        for post in batch.posts:
            self.posts.setdefault(post.id, post)
        relations = {intention.id: intention.relation for intention in batch.intentions}
        chosen = {j.intention_id for j in batch.judgements if _accepts(j)}
        self.judged.update((j.post_id, relations[j.intention_id]) for j in batch.judgements)
        for has in batch.has_intention:
            slot = (has.post_id, relations[has.intention_id])
            tail = self._checked(plain_tail(slot[1], has.raw))
            if tail:
                self.tails.setdefault(slot, tail)
            if tail and has.intention_id in chosen:
                self.accepted.setdefault(slot, tail)
        said = {has.run_id for has in batch.has_intention}
        self.models.update(run.model for run in batch.runs if run.id in said)

    def _checked(self, tail: str) -> str:
        """Return a tail, or an empty string where it is none."""
        if len(tail) > TAIL_LIMIT:
            self.faults[f"a tail has over {TAIL_LIMIT} characters"] += 1
        elif not normalize(tail):
            self.faults["a tail holds no words besides its frame"] += 1
        else:
            return tail
        return ""


def held_in(path: Path) -> Held:
    """Read a file; what is malformed in it is left out, and counted.

    Raises:
        FormatError: It cannot be opened, or is in no format known.
    """
    held = Held()
    for row in rows(path, recognised(path)):
        if isinstance(row, Parsed):
            held.add(row.batch)
        elif isinstance(row, Rejected):
            held.faults[f"{row.field}: {row.reason}" if row.field else row.reason] += 1
    return held


def _accepts(judgement: Judgement) -> bool:
    try:
        return choice_of(judgement.choice).accepts
    except RecordError:
        return False
