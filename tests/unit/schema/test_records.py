"""The record: its published JSON Schema, and what it refuses."""

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import schema
from schema.records import INTENTION_LIMIT, Record
from schema.relations import Relation
from schema.text import TEXT_LIMIT

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "docs" / "record.schema.json"
AGAIN = (
    "write it anew: python -c 'import json; from schema.records import Record; "
    "print(json.dumps(Record.model_json_schema(), indent=2))' > docs/record.schema.json"
)
POST = {"id": "pets:1", "text": "Meet Rex"}
WISH = {"relation": "xWant", "text": "find a home"}


def test_the_package_schema_is_this_repositorys() -> None:
    assert Path(schema.__file__ or "").is_relative_to(ROOT)


def test_the_published_json_schema_is_that_of_the_record() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == Record.model_json_schema(), AGAIN


def test_the_published_json_schema_lists_the_relations() -> None:
    definitions = json.loads(PUBLISHED.read_text("utf-8"))["$defs"]

    assert definitions["Relation"]["enum"] == list(Relation)


def test_only_id_and_text_must_be_there() -> None:
    record = Record.model_validate(POST)

    assert (record.id, record.text, record.format) == ("pets:1", "Meet Rex", "miko-record/1")
    assert record.intentions == record.images == record.hashtags == ()


def test_a_record_is_the_same_after_json() -> None:
    record = Record.model_validate(
        POST
        | {"intentions": [WISH | {"plausibility": 0.5}], "runs": {"infer": {"model": "some"}}}
        | {"images": [{"uri": "rex.jpg"}], "key_information": {"emotion": "joy"}}
    )

    assert Record.model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize(
    ("fields", "place", "message"),
    [
        ({"id": "Rex"}, "id", "match pattern"),
        ({"id": "pets:"}, "id", "match pattern"),
        ({"id": "pe ts:1"}, "id", "match pattern"),
        ({"id": "pets:" + "1" * 600}, "id", "at most 512"),
        ({"text": None}, "text", "valid string"),
        ({"text": "\x00"}, "text", "NUL"),
        ({"text": "x" * (TEXT_LIMIT + 1)}, "text", "the limit is 20000"),
        ({"format": "miko-record/2"}, "format", "miko-record/1"),
        ({"hashtags": [" "]}, "hashtags.0", "match pattern"),
        ({"images": [{"uri": "a.jpg", "sha256": "0"}]}, "images.0.sha256", "match pattern"),
        ({"labels": {"split": ""}}, "labels.split", "at least 1"),
        ({"intentions": [WISH | {"relation": "xLoves"}]}, "intentions.0.relation", "'xWant'"),
        ({"intentions": [WISH | {"plausibility": 2}]}, "intentions.0.plausibility", "equal to 1"),
        ({"intentions": [WISH] * (INTENTION_LIMIT + 1)}, "intentions", "at most 200"),
        ({"key_information": {"mood": "joy"}}, "key_information.mood", "not permitted"),
        ({"runs": {"infer": {}}}, "runs.infer.model", "required"),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused_by_field(
    fields: dict[str, object], place: str, message: str
) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)) as caught:
        Record.model_validate(POST | fields)

    assert ".".join(map(str, caught.value.errors()[0]["loc"])) == place
