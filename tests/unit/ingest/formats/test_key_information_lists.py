"""Lists of key information are cut between their parts, not inside one."""

import pytest
from unit.ingest.written import generation, parsed


@pytest.mark.parametrize(
    ("keyinfo", "raws", "concepts"),
    [
        ("Object: Dog (brown, small), leash.", ["Dog (brown, small)", "leash"], ["dog", "leash"]),
        ("Action: walks (slowly; far), sits", ["walks (slowly; far)", "sits"], ["walk", "sit"]),
        ("Object: Dog (brown, leash", ["Dog (brown", "leash"], ["dog_brown", "leash"]),
    ],
)
def test_a_comma_in_parentheses_parts_nothing(
    keyinfo: str, raws: list[str], concepts: list[str]
) -> None:
    mentions = parsed("miko-generation", generation(keyinfo=keyinfo)).mentions

    assert [mention.raw for mention in mentions] == raws
    assert [mention.concept_id for mention in mentions] == [f"/c/en/{c}" for c in concepts]
