"""What several judgements of one intention come to: the one meaning of "accepted"."""

import pytest
from contract.small_graph import DOG_POST, HOME

from evaluation.annotation.accepted import accepted
from evaluation.annotation.terms import DECIDED
from schema.graph import Judgement


def judgement(choice: str, annotator: str = "ann", time: str = "") -> Judgement:
    return Judgement(DOG_POST.id, HOME.id, annotator, choice, time)


NOON, AFTER_NOON = "2026-01-20T12:00:00Z", "2026-01-20T12:00:01Z"
EIGHT_EAST, FIVE = "2026-01-20T12:00:00+08:00", "2026-01-20T05:00:00Z"
TWO_FOR = [judgement("very relevant"), judgement("very relevant", "bob")]


@pytest.mark.parametrize(
    ("judgements", "expected"),
    [
        ([], None),
        ([judgement("accepted")], True),
        ([judgement("fairly relevant")], False),
        ([judgement("accepted"), judgement("rejected", "bob")], None),
        ([judgement("accepted", time=NOON), judgement("rejected", time=AFTER_NOON)], False),
        ([judgement("accepted"), judgement("rejected")], True),
        ([judgement("rejected"), judgement("accepted")], True),
        ([judgement("rejected", time=EIGHT_EAST), judgement("accepted", time=FIVE)], True),
        ([judgement("rejected", time="soon"), judgement("accepted", time=FIVE)], True),
        ([judgement("Very  Relevant")], True),
        ([*TWO_FOR, judgement("not relevant", "carol"), judgement("rejected", DECIDED)], False),
        ([*TWO_FOR, judgement("rejected", "strict")], False),
        ([judgement("accepted"), judgement("accepted", "bob"), judgement("no", DECIDED)], True),
        (
            [judgement("accepted"), judgement("accepted", "b"), judgement("rejected", DECIDED)],
            False,
        ),
        ([judgement("accepted"), judgement("a word of their own", "bob")], True),
    ],
)
def test_most_of_those_who_judged_decide(
    judgements: list[Judgement], expected: bool | None
) -> None:
    assert accepted(judgements) is expected
