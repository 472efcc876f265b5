"""What several judgements of one intention come to."""

import pytest
from unit.evaluation.judgements import item, judged

from evaluation.annotation.adjudicate import adjudicate
from evaluation.annotation.choices import Choice
from evaluation.annotation.judged import ItemKey, Judged
from evaluation.annotation.sample import disputed
from evaluation.annotation.terms import Rule, Terms

VERY, FAIRLY, NOT = Choice.VERY_RELEVANT, Choice.FAIRLY_RELEVANT, Choice.NOT_RELEVANT
TAKEN, REFUSED = Choice.ACCEPTED, Choice.REJECTED
MAJORITY, UNANIMOUS = Rule.MAJORITY, Rule.UNANIMOUS


def by_each(*choices: Choice) -> list[Judged]:
    """Return one item's judgements, by annotators a, b, c and so on."""
    return [
        judged(0, name, choice, f"2026-01-20T12:00:0{place}Z")
        for place, (name, choice) in enumerate(zip("abcde", choices, strict=False))
    ]


@pytest.mark.parametrize(
    ("choices", "rule", "decision"),
    [
        ([VERY], MAJORITY, TAKEN),
        ([FAIRLY], MAJORITY, REFUSED),
        ([VERY, VERY, NOT], MAJORITY, TAKEN),
        ([VERY, FAIRLY, NOT], MAJORITY, REFUSED),
        ([VERY, NOT], MAJORITY, None),
        ([VERY, VERY, NOT, NOT], MAJORITY, None),
        ([VERY, VERY, NOT], UNANIMOUS, None),
        ([FAIRLY, NOT, NOT], UNANIMOUS, REFUSED),
        ([VERY, TAKEN], UNANIMOUS, TAKEN),
    ],
)
def test_a_rule_decides_or_leaves_it_to_an_expert(
    choices: list[Choice], rule: Rule, decision: Choice | None
) -> None:
    found = adjudicate(by_each(*choices), Terms(rule))

    assert [one.choice for one in found.decided] == ([decision] if decision else [])
    assert found.disputed == (() if decision else (item().key,))


def test_an_experts_word_decides_alone() -> None:
    found = adjudicate(by_each(VERY, VERY, NOT), Terms(UNANIMOUS, expert="c"))

    assert found.decided == (Judged(item().key, "adjudicated", REFUSED, "2026-01-20T12:00:02Z"),)


def test_an_expert_who_did_not_judge_it_leaves_it_to_the_others() -> None:
    found = adjudicate(by_each(VERY, VERY), Terms(expert="carol"))

    assert [one.choice for one in found.decided] == [TAKEN]


def test_a_decision_has_the_time_of_the_last_judgement_and_is_no_judgement_itself() -> None:
    judgements = by_each(VERY, VERY, NOT)
    once = adjudicate(judgements, Terms()).decided

    again = adjudicate([*judgements, *once], Terms())

    assert once == again.decided
    assert once[0].time == "2026-01-20T12:00:02Z"


def test_too_few_judgements_decide_nothing() -> None:
    found = adjudicate([*by_each(VERY), judged(1)], Terms(least=2))

    assert (found.decided, found.disputed, found.too_few) == ((), (), 2)


def test_what_names_no_intention_is_counted_apart() -> None:
    key = ItemKey("pets:1", item().key.relation, "")

    found = adjudicate([Judged(key, "a", VERY)], Terms())

    assert (found.decided, found.without_intention) == ((), 1)


def test_disputed_is_what_annotators_chose_different_things_for() -> None:
    nameless = ItemKey("pets:1", item().key.relation, "")
    judgements = [
        *by_each(VERY, FAIRLY),
        judged(1, "a", NOT),
        judged(1, "b", NOT),
        judged(2, "a", NOT),
        Judged(nameless, "a", VERY),
        Judged(nameless, "b", NOT),
    ]

    assert disputed(judgements) == [item(0).key]
