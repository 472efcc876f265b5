"""What the authors' own models answered, read as ours are: every row accounted for."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ingest.distill.answers import Extracted, Inferred, read
from ingest.distill.generator import Answer
from ingest.formats.miko_text import key_information_of, numbered_intentions
from schema.errors import RecordError
from schema.relations import Relation

RELATIONS = tuple(Relation)


def rows(data: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((data / "miko-working/generation").rglob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def became(answer: object, expected: type[BaseModel]) -> str:
    """Return what comes of an answer: read, or why not."""
    try:
        read(Answer(json.dumps(answer)), expected)
    except RecordError as error:
        return str(error)
    return "read"


def test_key_information_of_the_authors_is_read(data: Path) -> None:
    found = [key_information_of(row["keyinfo"]) for row in rows(data) if "keyinfo" in row]

    outcomes = Counter(
        became(key.model_dump(), Extracted) if key else "no line such as 'Concept: …'"
        for key in found
    )

    assert outcomes == {
        "read": 1648,
        "no line such as 'Concept: …'": 18,
        "keywords: holds fewer than 3 different keywords": 6,
    }


def test_intentions_of_the_authors_are_read(data: Path) -> None:
    found = [
        dict(numbered_intentions(row["intention"]))
        for row in rows(data)
        if "intention" in row and "relation" not in row
    ]

    outcomes = Counter(
        became({RELATIONS[n - 1]: tail for n, tail in tails.items() if n <= 10}, Inferred)
        for tails in found
        if len(tails) > 5
    )

    assert sum(len(tails) <= 5 for tails in found) == 673  # open ones alone, as asked for
    assert sum(outcomes.values()) == 954
    assert outcomes["read"] == 943
    assert sum(n for why, n in outcomes.items() if why.startswith("lacks ")) == 10
    assert outcomes["open holds no words besides its frame"] == 1
