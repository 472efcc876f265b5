"""The field of a rejection names a field, and repeats nothing else of the row."""

import pytest
from unit.ingest.written import conceptnet, cskg, record, refused


@pytest.mark.parametrize(
    "line",
    [
        record(labels={"Rex of Elm Street": 3}),
        record(labels={"Rex of Elm Street": ""}),
        record(labels={"Rex": "\x00"}),
    ],
)
def test_a_label_is_refused_without_its_name(line: str) -> None:
    assert [field for field, _ in refused("record", line)] == ["labels"]


@pytest.mark.parametrize("key", ["rex@example.org", "Rex of Elm Street", "#rex", "x" * 41, ""])
def test_a_key_that_is_no_field_name_is_not_repeated(key: str) -> None:
    assert refused("record", record(**{key: 1})) == [("…", "Extra inputs are not permitted")]


def test_a_key_within_a_part_is_not_repeated_either() -> None:
    line = record(images=[{"uri": "a.jpg", "Rex of Elm Street": 1}])

    assert [field for field, _ in refused("record", line)] == ["images.0.…"]


def test_a_misspelt_field_is_named() -> None:
    assert [field for field, _ in refused("record", record(image_descrption=""))] == [
        "image_descrption"
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("conceptnet", conceptnet('{"weight": 1}').replace("\t/r/UsedFor\t", "\t/r/\t")),
        ("cskg", cskg("1", label="/r/")),
        ("cskg", cskg("1", label="at:")),
    ],
)
def test_a_relation_without_a_name_is_refused(name: str, line: str) -> None:
    assert refused(name, line) == [("relation", "is empty")]


def test_a_row_of_many_faults_is_noted_by_its_first() -> None:
    line = record(**{f"extra_{n}": n for n in range(1000)})

    assert len(refused("record", line)) == 20
