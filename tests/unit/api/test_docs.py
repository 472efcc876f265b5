"""docs/graphql.md: its examples are valid and within the limits, and it leaves nothing out."""

import json
import re
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, build_schema, parse, validate

from api.errors import CODES
from api.limits import Limits, size_of
from api.sdl import sdl
from api.settings import ApiSettings

TEXT = (Path(__file__).parents[3] / "docs" / "graphql.md").read_text("utf-8")
EXAMPLES = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
ANSWERS = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
SECTIONS = dict(re.findall(r"### `(\w+)`\n(.*?)(?=\n##|\Z)", TEXT, re.DOTALL))
SCHEMA = build_schema(sdl())
SETTINGS = ApiSettings()
QUERY = SCHEMA.type_map["Query"]
QUERY_FIELDS = list(QUERY.fields) if isinstance(QUERY, GraphQLObjectType) else []
MUTATIONS = list(SCHEMA.mutation_type.fields) if SCHEMA.mutation_type else []


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_valid_and_may_run(example: str) -> None:
    document = parse(example, max_lexical_tokens=SETTINGS.token_limit)
    limits = Limits(SETTINGS.depth_limit, SETTINGS.cost_limit)

    assert validate(SCHEMA, document) == []
    assert limits.refuse(size_of(SCHEMA, document, None, {})) is None


@pytest.mark.parametrize("answer", ANSWERS)
def test_each_answer_is_json(answer: str) -> None:
    assert json.loads(answer)["data"]


@pytest.mark.parametrize("field", QUERY_FIELDS + MUTATIONS)
def test_each_field_of_query_and_mutation_has_an_example(field: str) -> None:
    assert re.search(rf"```graphql\n.*?\b{field}\b", SECTIONS[field], re.DOTALL)


@pytest.mark.parametrize("name", list(ApiSettings.model_fields))
def test_each_setting_is_documented_with_its_default(name: str) -> None:
    default = ApiSettings.model_fields[name].default
    shown = f"{default:g}" if isinstance(default, float) else str(default)

    assert re.search(rf"\| `MIKO_API_{name.upper()}` \| `?{re.escape(shown)}`? \|", TEXT)


@pytest.mark.parametrize("name", list(ApiSettings.model_fields))
def test_each_setting_describes_itself(name: str) -> None:
    assert ApiSettings.model_fields[name].description


@pytest.mark.parametrize(
    "code",
    [
        *(code for _, code, _ in CODES),
        *("BAD_REQUEST", "TOO_LARGE", "TOO_DEEP", "TOO_COSTLY", "NOT_READY", "INTERNAL"),
        *("WRITES_OFF", "FORBIDDEN"),
    ],
)
def test_each_code_is_documented(code: str) -> None:
    assert f"`{code}`" in TEXT
