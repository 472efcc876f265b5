"""Rows as the tests write them, and what a format makes of them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ingest.formats.format import Line, Parsed, Rejected, Row, Skipped
from ingest.formats.posts import joined
from ingest.formats.recognise import named
from schema.graph import Batch

CONCEPTNET = (
    "/a/[/r/UsedFor/,/c/en/leash/,/c/en/walk_dog/]\t/r/UsedFor\t/c/en/leash/n\t/c/en/walk_dog"
)
CSKG_HEADER = "node1\tlabel\tnode2\tdatasource\tweight"

FRAMED = (
    "After posting this Tweet, the user wants to find a home for Rex.",
    "After viewing this Tweet, others will smile at the dog.",
    "The user posts this Tweet because the user is fond of dogs.",
    "The user posts this Tweet because the user intended to promote the shelter.",
    "After posting this Tweet, the user feels hopeful.",
    "After viewing this Tweet, others feel touched.",
    "After viewing this Tweet, others want to visit the shelter.",
    "After posting this Tweet, the user will answer questions.",
    "Before posting this Tweet, the user needs to take a photo.",
    "The user post this tweet because they want Rex to be adopted.",
)
"""One sentence for each relation, in MIKO's frames."""

TAILS = (
    "find a home for rex",
    "smile at the dog",
    "fond of dogs",
    "promote the shelter",
    "hopeful",
    "touched",
    "visit the shelter",
    "answer questions",
    "take a photo",
    "they want rex to be adopted",
)
"""What the sentences say without their frames."""

KEY_INFORMATION = (
    "Concept: Pet adoption.\n"
    "Action: Showing a dog.\n"
    "Object: Dog, leash.\n"
    "Emotion: Joy and hope.\n"
    "Keywords: shelter, puppies, new home..\n"
)


def record(**fields: Any) -> str:
    return json.dumps({"id": "pets:1", "text": "Meet Rex"} | fields)


def release(**fields: Any) -> str:
    row = {"image": "12.jpg", "text": "Meet Rex", "intention_labels": [1] * 9 + [0]}
    return json.dumps(row | {"intentions": numbered_map(FRAMED)} | fields)


def generation(**fields: Any) -> str:
    row = {"question_id": 1, "image_id": "12.jpg", "text": "Meet Rex", "image_descrption": "A dog."}
    return json.dumps(row | fields)


def label_studio(*choices: str, **fields: Any) -> str:
    results = [
        {"from_name": f"reasonableness{number}", "value": {"choices": [choice]}}
        for number, choice in enumerate(choices, start=1)
    ]
    annotation = {"project": 3, "created_at": "2024-01-20T12:00:00Z", "result": results}
    text = f"Meet Rex\n{numbered_lines('Intention {}: ', FRAMED)}"
    data = {"image": "/data/local-files/?d=eg1%5c12.jpg", "text": text}
    return json.dumps({"annotations": [annotation], "data": data} | fields)


def conceptnet(details: str) -> str:
    return f"{CONCEPTNET}\t{details}"


def cskg(
    weight: str, *, node: str = "/c/en/leash", label: str = "/r/UsedFor", by: str = "CN"
) -> str:
    return f"{node}\t{label}\t/c/en/walk_dog\t{by}\t{weight}"


def numbered_map(sentences: Iterable[str]) -> dict[str, str]:
    return {f"Intention {number}": s for number, s in enumerate(sentences, start=1)}


def numbered_lines(mark: str, sentences: Iterable[str]) -> str:
    return "\n".join(mark.format(n) + s for n, s in enumerate(sentences, start=1))


def rows_of(format_name: str, *lines: str) -> list[Row]:
    numbered = (Line(number, line) for number, line in enumerate(lines, start=1))
    return [row for line in numbered for row in named(format_name).rows(line)]


def parsed(format_name: str, *lines: str) -> Batch:
    """Return what the rows say together."""
    return joined(r.batch for r in rows_of(format_name, *lines) if isinstance(r, Parsed))


def refused(format_name: str, *lines: str) -> list[tuple[str, str]]:
    """Return field and reason of what is rejected."""
    rows = rows_of(format_name, *lines)
    return [(row.field, row.reason) for row in rows if isinstance(row, Rejected)]


def skipped(format_name: str, *lines: str) -> list[str]:
    return [row.reason for row in rows_of(format_name, *lines) if isinstance(row, Skipped)]


def written(path: Path, *lines: str) -> Path:
    """Write a file of these lines."""
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path
