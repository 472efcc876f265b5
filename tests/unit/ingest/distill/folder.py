"""The folder in which a test distills: what is in it."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from typer.testing import Result
from unit.ingest.written import written

from schema.records import Record

Distill = Callable[..., Result]
"""Runs the command on posts.jsonl, with further options."""


def posts(*rows: str) -> None:
    written(Path("posts.jsonl"), *rows)


def records(name: str = "records.jsonl") -> list[Record]:
    return [Record.model_validate_json(line) for line in Path(name).read_text().splitlines()]


def rejects() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path("rejects.jsonl").read_text().splitlines()]


def image(color: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(file, "PNG")
    return file.getvalue()
