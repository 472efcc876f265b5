"""A row within the limits is read in a moment, whatever it repeats."""

import time
from collections.abc import Callable
from typing import Final

import pytest
from unit.ingest.written import label_studio, rows_of

from ingest.formats.miko_text import file_name_of, key_information_of, numbered_intentions
from schema.text import TEXT_LIMIT

RUNS: Final = [
    text * ((TEXT_LIMIT - 100) // len(text)) for text in (" ", "\n", "\n ", "\t", "\r\n", "a", "=")
]


def label_studio_text(text: str) -> object:
    return rows_of("label-studio", label_studio(data={"text": text, "image": "12.jpg"}))


def all_numbered(text: str) -> object:
    return list(numbered_intentions(text))


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(
    "read", [label_studio_text, all_numbered, key_information_of, file_name_of]
)
def test_a_run_of_one_character_is_read_in_a_moment(
    read: Callable[[str], object], run: str
) -> None:
    started = time.monotonic()

    read(f"a{run}b")

    assert time.monotonic() - started < 5
