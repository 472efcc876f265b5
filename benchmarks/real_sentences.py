"""The real sentences: MIKO's tails, and ATOMIC's heads with their tails (``MIKO_DATA``)."""

import csv
import os
import sys
from pathlib import Path
from typing import Final

DATA: Final = Path(os.environ.get("MIKO_DATA", "../shared/data"))


def real_sentences() -> list[str]:
    """Return them, each once, in the order of the alphabet; without the data there are none."""
    if not DATA.exists():
        sys.exit(f"no real data at {DATA}: set MIKO_DATA to its folder")
    with (DATA / "derived/miko_intentions.tsv").open(encoding="utf-8", newline="") as file:
        found = {row["tail"] for row in csv.DictReader(file, delimiter="\t")}
    for name in ("test.txt", "valid.txt"):
        for line in (DATA / "atomic" / name).read_text(encoding="utf-8").splitlines():
            head, _, tail = line.split("\t")
            if tail != "none":
                found.add(f"{head} {tail}")
    return sorted(sentence for sentence in found if sentence.strip())
