"""Items, judgements and files of them, invented, as the tests of annotation use them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from evaluation.annotation.choices import Choice
from evaluation.annotation.items import Item
from evaluation.annotation.judged import ItemKey, Judged
from evaluation.annotation.reading import Reading, read_judgements
from schema.nodes import Intention
from schema.relations import Relation

RELATIONS: Final = tuple(Relation)
TEXTS: Final = (
    "Meet Rex, he needs a home",
    '@someone "late", again;\nthank you',
    "=1+1 is what I was paid",
    "'quoted' from the begin",
    "火车又晚点了 \U0001f600 <b>bold</b> & more",
)


def item(number: int = 0) -> Item:
    """Return one of the items, which differ in all they have."""
    relation = RELATIONS[number % len(RELATIONS)]
    tail = f"find home {number}"
    key = ItemKey(f"pets:{number}", relation, Intention.of(relation, tail).id)
    image = f"rex{number}.jpg" if number % 2 else ""
    return Item(key, TEXTS[number % len(TEXTS)], image, "", relation.about.sentence(tail))


ITEMS: Final = tuple(item(number) for number in range(12))


def judged(
    number: int = 0,
    annotator: str = "alice",
    choice: Choice = Choice.VERY_RELEVANT,
    time: str = "2026-01-20T12:00:00Z",
) -> Judged:
    """Return a judgement of an item."""
    return Judged(item(number).key, annotator, choice, time)


def line(**changes: Any) -> str:
    """Return a line of a file of judgements with some fields changed."""
    key = item().key
    fields = {
        "post_id": key.post_id,
        "relation": key.relation.value,
        "intention_id": key.intention_id,
        "annotator": "alice",
        "choice": "very relevant",
        "time": "2026-01-20T12:00:00Z",
    }
    return json.dumps(fields | changes)


def export_of(exported: bytes, choices: Sequence[str], user: object = 1) -> list[Any]:
    """Return tasks as Label Studio exports them once they were judged."""
    return [
        task
        | {
            "id": number,
            "project": 3,
            "annotations": [
                {
                    "id": number,
                    "completed_by": user,
                    "was_cancelled": False,
                    "updated_at": "2026-01-20T12:00:00.000000Z",
                    "result": [
                        {
                            "from_name": "relevance",
                            "to_name": "text",
                            "type": "choices",
                            "value": {"choices": [choice]},
                        }
                    ],
                }
            ],
        }
        for number, (task, choice) in enumerate(
            zip(json.loads(exported), choices, strict=True), start=1
        )
    ]


def authors_task(choice: str = "非常相关", **changes: Any) -> dict[str, Any]:
    """Return a task as the authors' projects export it, of two intentions, one of them judged."""
    annotation: dict[str, Any] = {
        "completed_by": 1,
        "project": 3,
        "was_cancelled": False,
        "created_at": "2024-01-20T12:04:58.362571Z",
        "result": [{"from_name": "reasonableness2", "value": {"choices": [choice]}}],
    }
    text = (
        "Meet Rex \nIntention1: After posting this Tweet, the user wants to find a home.\n"
        "Intention2: After viewing this Tweet, others will smile."
    )
    data = {"image": "/data/local-files/?d=eg1%5c12.jpg", "text": text}
    return {"annotations": [annotation | changes], "data": data}


def read(*paths: Path, annotator: str = "") -> Reading:
    """Read files of judgements."""
    return read_judgements(paths, annotator=annotator, progress=lambda _done, _total: None)


def faults(reading: Reading) -> list[tuple[int, str, str]]:
    """Return line, field and reason of what could not be read."""
    return [(one.row.line, one.row.field, one.row.reason) for one in reading.malformed]
