"""What is wrong with a row is a row of its own: field and reason, and nothing is raised."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.ingest.written import (
    conceptnet,
    cskg,
    generation,
    label_studio,
    parsed,
    record,
    refused,
    release,
    rows_of,
    skipped,
)

from ingest.formats.format import Rejected
from ingest.formats.recognise import FORMATS
from schema.text import TEXT_LIMIT

LONG = "x" * (TEXT_LIMIT + 1)
TOO_LONG = f"has {TEXT_LIMIT + 1} characters, the limit is {TEXT_LIMIT}"
NUL = "holds a NUL character"
SURROGATE = "holds a lone surrogate, which has no UTF-8 form"
NOT_POSITIVE = "is not positive and finite"

REFUSED = [
    ("record", record(text=3), "text", "Input should be a valid string"),
    ("record", '{"id": "pets:1"}', "text", "Field required"),
    (
        "record",
        record(id="Rex"),
        "id",
        "is not the source's name, a colon and the source's own id, as 'pets:1'",
    ),
    ("record", record(text=" "), "text", "is empty, and there is no image"),
    ("record", record(text=LONG), "text", TOO_LONG),
    ("record", record(text="a\x00b"), "text", NUL),
    ("record", record(more=1), "more", "Extra inputs are not permitted"),
    (
        "record",
        record(intentions=[{"relation": "xWant", "text": "..."}]),
        "intentions.0.text",
        "holds no words",
    ),
    ("miko-release", release(image=None), "image", "is no string"),
    ("miko-release", release(image="a b.jpg"), "image", "is no file name"),
    ("miko-release", release(text=""), "text", "is empty"),
    ("miko-release", release(intention_labels=[1]), "intention_labels", "is no list of 10"),
    ("miko-release", release(intention_labels=None), "intention_labels", "is no list of 10"),
    (
        "miko-release",
        release(intention_labels=[2] * 10),
        "intention_labels",
        "holds other than 0 and 1",
    ),
    ("miko-release", release(intentions=[]), "intentions", "is no object"),
    ("miko-release", release(intentions={"Intention 1": 3}), "Intention 1", "is no string"),
    ("miko-generation", "[]", "", "no JSON object"),
    ("miko-generation", "{", "", "no JSON at character 2"),
    ("miko-generation", "[" * 100_000, "", "nested too deeply"),
    ("miko-generation", '{"text": "Meet Rex"}', "image_id", "is missing"),
    ("miko-generation", generation(image_id=3), "image_id", "is no string"),
    ("miko-generation", generation(text="  "), "text", "is empty"),
    ("miko-generation", generation(text="\ud800"), "text", SURROGATE),
    ("miko-generation", generation(text="\x00"), "text", NUL),
    ("miko-generation", generation(text=LONG), "text", TOO_LONG),
    ("miko-generation", generation(image_descrption=None), "image_descrption", "is no string"),
    ("label-studio", label_studio(annotations=None), "annotations", "is no list"),
    ("label-studio", label_studio(annotations=[3]), "annotations", "holds other than objects"),
    ("label-studio", label_studio(data=[]), "data", "is no object"),
    ("label-studio", label_studio(annotations=[{}]), "project", "is no number"),
    ("label-studio", label_studio(annotations=[{"project": 1}]), "result", "is no list"),
    ("label-studio", label_studio("?"), "choices", "is not one of the three that are known"),
    (
        "label-studio",
        label_studio(data={"text": "Intention 1: a", "image": "12.jpg"}),
        "data.text",
        "holds no text before the intentions",
    ),
    ("atomic", "PersonX runs\txWant", "", "has 2 columns, not 3"),
    ("atomic", "PersonX runs\topen\ta", "relation", "is none of ATOMIC's nine relations"),
    ("atomic", "PersonX runs\txWant\t…", "tail", "holds no word"),
    ("atomic", "\txWant\trest", "head", "holds no word"),
    ("atomic", "PersonX runs\x00\txWant\trest", "", NUL),
    ("cn100k", "IsA\tdog\tpet\t1", "", "has 4 columns, not 3"),
    ("cn100k", "is a\tdog\tpet", "relation", "is no name such as UsedFor"),
    ("cn100k", "IsA\t-\tpet", "head", "holds no word"),
    ("conceptnet", conceptnet("{"), "", "no JSON at character 2"),
    ("conceptnet", conceptnet("{}"), "weight", "is no number"),
    ("conceptnet", conceptnet('{"weight": true}'), "weight", "is no number"),
    ("conceptnet", conceptnet('{"weight": 1' + "0" * 400 + "}"), "weight", "is no number"),
    ("conceptnet", conceptnet('{"weight": 0}'), "weight", NOT_POSITIVE),
    ("conceptnet", conceptnet('{"weight": NaN}'), "weight", NOT_POSITIVE),
    ("conceptnet", conceptnet('{"weight": Infinity}'), "weight", NOT_POSITIVE),
    ("conceptnet", conceptnet('{"weight": 1, "license": 3}'), "license", "is no string"),
    (
        "conceptnet",
        "/a/[]\tIsA\t/c/en/dog\t/c/en/pet\t{}",
        "relation",
        "is no URI that begins with /r/",
    ),
    ("cskg", cskg("heavy"), "weight", "is no number"),
    ("cskg", cskg("-1"), "weight", NOT_POSITIVE),
    ("cskg", cskg("nan"), "weight", NOT_POSITIVE),
    ("cskg", cskg("1", label=""), "label", "is empty"),
    ("cskg", cskg("1", by=""), "datasource", "is empty"),
    ("cskg", cskg("1", label="r" * 201), "", "holds a name of more than 200 characters"),
    ("cskg", "a\tb", "", "has 2 columns, not 5"),
]


@pytest.mark.parametrize(("name", "line", "field", "reason"), REFUSED)
def test_a_malformed_row_is_rejected(name: str, line: str, field: str, reason: str) -> None:
    assert rows_of(name, line) == [Rejected(1, field, reason)]


@pytest.mark.parametrize("text", ["{", '{"id": "pets:1", "text": "\\ud800"}', "[" * 100_000])
def test_a_record_that_is_no_json_is_rejected(text: str) -> None:
    (field, reason) = refused("record", text)[0]

    assert field == ""
    assert reason.startswith("Invalid JSON: ")


def test_a_record_with_two_faults_has_two_reasons() -> None:
    line = record(text=3, intentions=[{"relation": "xLoves", "text": "dogs"}])

    assert [field for field, _ in refused("record", line)] == ["text", "intentions.0.relation"]


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"keyinfo": ""}, "keyinfo", "is empty"),
        ({"keyinfo": "A dog."}, "keyinfo", "holds no line such as 'Concept: …'"),
        ({"keyinfo": 3}, "keyinfo", "is no string"),
        ({"intention": "A dog."}, "intention", "holds no line such as 'Intention1: …'"),
        ({"intention": "a", "relation": "xLoves"}, "relation", "is none of MIKO's ten relations"),
    ],
)
def test_a_malformed_stage_is_rejected_and_the_post_is_kept(
    fields: dict[str, Any], field: str, reason: str
) -> None:
    assert refused("miko-generation", generation(**fields)) == [(field, reason)]
    assert [p.id for p in parsed("miko-generation", generation(**fields)).posts] == [
        "twitter2015:12"
    ]


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("atomic", "PersonX runs\txWant\tNone", "no inference"),
        ("atomic", "PersonX runs\txEffect\tto run", "both ends are one concept"),
        ("cn100k", "IsA\tdog\tdogs", "both ends are one concept"),
        (
            "conceptnet",
            '/a/[]\t/r/ExternalURL\t/c/en/dog\thttp://example.org/dog\t{"weight": 1}',
            "an end is no concept of words",
        ),
        ("cskg", cskg("1", node="wd:Q144"), "an id without words"),
        ("cskg", cskg("1", node="vg:I1234567"), "an id without words"),
        ("cskg", cskg("1", node="vg:123456"), "an id without words"),
        (
            "label-studio",
            label_studio(annotations=[{"was_cancelled": True}]),
            "the annotation was cancelled",
        ),
    ],
)
def test_what_has_no_place_in_the_graph_is_skipped(name: str, line: str, reason: str) -> None:
    assert skipped(name, line) == [reason]
    assert not refused(name, line)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "id text image image_id image_descrption keyinfo intention relation intentions "
    "intention_labels annotations data hashtags images labels key_information runs"
).split()


@pytest.mark.parametrize("name", [known.name for known in FORMATS])
@given(st.dictionaries(st.sampled_from(KEYS), ANY_JSON))
def test_no_object_raises(name: str, fields: dict[str, Any]) -> None:
    assert rows_of(name, json.dumps(fields))


@pytest.mark.parametrize("name", [known.name for known in FORMATS])
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_raises(name: str, text: str) -> None:
    assert rows_of(name, text)


@given(st.lists(ANY_JSON, max_size=3), ANY_JSON)
def test_no_annotation_raises(annotations: list[Any], value: Any) -> None:
    odd = {"project": 3, "result": [{"from_name": "reasonableness1", "value": value}]}

    assert rows_of("label-studio", label_studio(annotations=[odd]))
    assert rows_of("label-studio", label_studio(annotations=annotations))
