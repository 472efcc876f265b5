"""Records of real posts: text, sarcasm, what the image shows, an object, an emotion, intentions.

Of a list of objects or emotions the first is taken, so that plain Python knows what is one.
"""

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.formats.posts import NOTHING
from kg.concepts import concept_uri_of

Row = dict[str, Any]
SEVERAL = re.compile(r"[,;/(.]|\b(?:and|or)\b")


def real_records(data: Path) -> list[Row]:
    """Return the records of the posts whose key information and sarcasm are both known."""
    said = _intentions(data)
    with gzip.open(data / "derived/posts.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if "keyinfo" in row and "mmsd_split" in row]
    return [
        {
            "id": row["id"],
            "text": row["text"],
            "labels": {"sarcastic": str(row["sarcastic_gold"])},
            "image_attributes": [shown for shown in row["image_attributes"] if shown.strip()],
            "key_information": dict(_key_information(row["keyinfo"])),
            "intentions": [{"relation": r, "text": tail} for r, tail in sorted(said[row["id"]])],
        }
        for row in rows
    ]


def write_records(path: Path, records: list[Row]) -> None:
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")


def shown(record: Row) -> set[str]:
    """Return the concepts that a post's image shows."""
    return {uri for raw in record["image_attributes"] if (uri := _uri(raw))}


def stated(record: Row, part: str) -> set[str]:
    """Return the concept of a post's object or emotion, if it has one."""
    uri = _uri(record["key_information"].get(part, ""))
    return {uri} if uri else set()


def _key_information(stated: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in ("object", "emotion"):
        first = SEVERAL.split(stated.get(name) or "")[0].strip()
        if first:
            yield name, first


def _uri(raw: str) -> str | None:
    return None if raw.strip(" .").casefold() in NOTHING else concept_uri_of(raw)


def _intentions(data: Path) -> dict[str, set[tuple[str, str]]]:
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    with (data / "derived/miko_intentions.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if any(map(str.isalnum, row["tail"])):
                said[row["post_id"]].add((row["relation"], row["tail"]))
    return said
