"""What a row of any file of judgements is."""

from dataclasses import dataclass

from evaluation.annotation.judged import Judged


@dataclass(frozen=True, slots=True)
class Record:
    """A row that was read.

    Attributes:
        line: Where it is, from 1.
        post_id: The post that it is about.
        judged: What it says; empty where nothing was chosen.
        is_cancelled: Whether an annotator gave it back.
    """

    line: int
    post_id: str
    judged: tuple[Judged, ...]
    is_cancelled: bool = False
