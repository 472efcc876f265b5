"""The real files: read whole, and counted independently (plain_counts)."""

from collections import Counter
from pathlib import Path

import pytest
from unit.ingest import plain_counts

from ingest.formats.format import Parsed, Rejected, Row, Skipped
from ingest.formats.posts import hashtags_of, tagged
from ingest.formats.recognise import recognised, rows
from ingest.load import load
from kg.store import GraphStore
from schema.graph import Written

GENERATION = "miko-working/generation"
NONE: dict[str, int] = {}
CANCELLED = {"the annotation was cancelled": 1}
FILES = [
    ("miko-release/train.json", "miko-release", 881, NONE, NONE),
    ("miko-release/test.json", "miko-release", 119, NONE, NONE),
    ("miko-working/benchmark/MIKO_benchmark.noprompt.jsonl", "miko-release", 1000, NONE, NONE),
    *(
        (f"{GENERATION}/{name}.noprompt.jsonl", "miko-generation", posts, empty, NONE)
        for name, posts, empty in (
            ("Multimodal_dataset/keyinfo_test1", 2409, NONE),
            ("Multimodal_dataset/keyinfo_valid1", 2410, NONE),
            ("Multimodal_dataset/missing_data_lost_intention_make_up", 218, {"is empty": 1}),
            ("Multimodal_dataset/missing_data_test_intention_make_up", 2, NONE),
            ("Multimodal_dataset/missing_data_train_intention_make_up", 727, {"is empty": 13}),
            ("Multimodal_dataset/missing_data_valid_intention_make_up", 7, {"is empty": 1}),
            ("Twitter15-17/test2017_keyinfo_intention", 673, {"is empty": 3}),
            ("Twitter15-17/test2017_keyinfo_test_intention", 45, NONE),
            ("Twitter15-17/valid2015_keyinfo", 1000, NONE),
            ("Twitter15-17/valid2017_keyinfo", 665, NONE),
        )
    ),
    ("miko-working/annotation/annotator-1.json.gz", "label-studio", 195, NONE, NONE),
    ("miko-working/annotation/annotator-2.json.gz", "label-studio", 166, NONE, CANCELLED),
    ("miko-working/annotation/annotator-3.json.gz", "label-studio", 165, NONE, CANCELLED),
    (
        "atomic/test.txt",
        "atomic",
        73_076,
        {"holds no word": 8},
        {"no inference": 14_587, "both ends are one concept": 38},
    ),
    (
        "atomic/valid.txt",
        "atomic",
        73_317,
        {"holds no word": 7},
        {"no inference": 14_350, "both ends are one concept": 33},
    ),
    (
        "conceptnet/train.txt",
        "cn100k",
        99_927,
        {"holds no word": 5},
        {"both ends are one concept": 68},
    ),
    ("conceptnet/valid.txt", "cn100k", 1199, NONE, {"both ends are one concept": 1}),
    ("conceptnet/test.txt", "cn100k", 1200, NONE, NONE),
    (
        "conceptnet/assertions-conceptnet5-format.csv",
        "conceptnet",
        675,
        NONE,
        {"an end is no concept of words": 82, "both ends are one concept": 7},
    ),
    (
        "cskg-sample/examples/sample_data/cskg/cskg_sample.tsv",
        "cskg",
        9986,
        NONE,
        {"an id without words": 6034, "both ends are one concept": 1304},
    ),
]
"""Path, format, rows parsed, rows or fields rejected and rows skipped, by reason."""

Tail = tuple[str, str, str]
"""Post, relation, text."""


def read(path: Path) -> list[Row]:
    return list(rows(path, recognised(path)))


@pytest.mark.parametrize(("name", "format_name", "parsed", "rejected", "skipped"), FILES)
def test_every_row_is_parsed_or_refused_with_a_reason(
    data: Path,
    name: str,
    format_name: str,
    parsed: int,
    rejected: dict[str, int],
    skipped: dict[str, int],
) -> None:
    found = read(data / name)

    assert recognised(data / name).name == format_name
    assert sum(isinstance(row, Parsed) for row in found) == parsed
    assert Counter(row.reason for row in found if isinstance(row, Rejected)) == rejected
    assert Counter(row.reason for row in found if isinstance(row, Skipped)) == skipped


def test_tails_are_those_of_an_independent_parse(data: Path) -> None:
    ours, theirs = _tails(data), plain_counts.derived(data)

    unlike = theirs - ours
    framed = {theirs_row: _without_frame(theirs_row, ours) for theirs_row in unlike}
    assert (len(theirs), len(unlike)) == (22_598, 200)
    # They kept a rarer frame ("The user posted", "this Facebook post") in 197 tails,
    # and three sentences break off behind the frame.
    assert set(framed.values()) - {None} == ours - theirs
    assert [row[2] for row, shorter in framed.items() if shorter is None] == ["", "", ""]


def test_hashtags_are_those_of_an_independent_parse(data: Path) -> None:
    theirs = plain_counts.derived_hashtags(data)

    assert {text: set(tagged(hashtags_of(text))) for text in theirs} == theirs


@pytest.mark.anyio
async def test_all_files_make_one_graph_whose_counts_are_known(
    data: Path, store: GraphStore, tmp_path: Path
) -> None:
    paths = [data / name for name, *_ in FILES]
    related = plain_counts.related(data)

    await load(store, paths, rejects=tmp_path / "rejects.jsonl", progress=silent)

    counts = await store.counts()
    assert counts.posts_by_source == plain_counts.posts_by_source(data)
    assert counts.has_intention_by_relation == plain_counts.has_intention_by_relation(data)
    assert counts.judgements == plain_counts.judgements(data)
    assert counts.mentions_by_aspect["concept"] == plain_counts.mentioned_concepts(data)
    assert counts.mentions_by_aspect["hashtag"] == plain_counts.mentioned_hashtags(data)
    assert counts.related_by_source == Counter(row.source for row in related)
    assert counts.related_by_relation == Counter(row.relation for row in related)
    assert counts.relationships["RELATED"] == len(related)
    assert counts.nodes["Concept"] >= len({end for row in related for end in (row.head, row.tail)})

    version = await store.version()
    again = await load(store, paths, rejects=tmp_path / "rejects.jsonl", progress=silent)

    assert again.written == Written()
    assert (await store.version(), await store.counts()) == (version, counts)


def silent(done: int, total: int | None) -> None:
    """Show nothing."""


def _tails(data: Path) -> set[Tail]:
    """Return the tails of the files that the other parse has read."""
    names = [name for name, *_ in FILES if name.startswith(("miko-working/b", GENERATION))]
    found = [row for name in names for row in read(data / name) if "test_intention." not in name]
    batches = [row.batch for row in found if isinstance(row, Parsed)]
    said = {i.id: (i.relation.value, i.text) for batch in batches for i in batch.intentions}
    return {(has.post_id, *said[has.intention_id]) for b in batches for has in b.has_intention}


def _without_frame(framed: Tail, tails: set[Tail]) -> Tail | None:
    """Return the tail of the same post and relation that the framed one ends with."""
    post, relation, text = framed
    words = text.split()
    endings = ((post, relation, " ".join(words[start:])) for start in range(1, len(words)))
    return next((ending for ending in endings if ending in tails), None)
