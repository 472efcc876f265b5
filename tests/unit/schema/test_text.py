"""Text as the graph compares it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.text import TEXT_LIMIT, digest, flaw, normalize, rank_of, squeeze


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" Find a Home\n for Rex. ", "find a home for rex"),
        ("ﬁnd", "find"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("e.g. dogs ...", "e.g. dogs"),
        (" . . ", ""),
        ("🐶!", "🐶!"),
    ],
)
def test_a_text_has_one_normal_form(text: str, normal: str) -> None:
    assert normalize(text) == normal


@given(st.text())
def test_the_normal_form_holds_no_spare_space(text: str) -> None:
    normal = normalize(text)

    assert normal == squeeze(normal)
    assert normal == normal.strip(" .")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\x00b", "holds a NUL character"),
        ("a\ud800b", "holds a lone surrogate, which has no UTF-8 form"),
        ("x" * (TEXT_LIMIT + 1), "has 20001 characters, the limit is 20000"),
        ("x" * TEXT_LIMIT, None),
        ("🐶\x01\ufffe", None),
        ("", None),
    ],
)
def test_text_that_cannot_be_stored_has_a_reason(text: str, reason: str | None) -> None:
    assert flaw(text) == reason


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_all_other_text_can_be_stored(text: str) -> None:
    assert flaw(text) is None
    assert text.encode().decode() == text


def test_a_digest_tells_where_one_part_ends() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("a", "b") != digest("b", "a")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_rank_fits_a_signed_integer(node_id: str) -> None:
    assert 0 <= rank_of(node_id) < 2**63
