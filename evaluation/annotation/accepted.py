"""Whether an intention was accepted: the one meaning of it, by most of those who judged.

What is measured, learnt and shown as an example goes by it; ``miko annotate adjudicate`` makes
decisions by the same count. It is that of the authors' labels, one choice each: 1 where their
expert chose "very relevant", and else 0.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from evaluation.annotation.choices import GRADES, Choice, choice_in
from evaluation.annotation.judged import moment_of
from evaluation.annotation.terms import DECIDED, Rule
from schema.errors import RecordError
from schema.graph import Judgement


def accepted(judgements: Sequence[Judgement]) -> bool | None:
    """Return what most of the judgements say, None where there is none, or as many say no.

    Of one annotator the last counts; of several of one time the lesser word, which alone a graph
    keeps (GraphStore.put). Where there is a decision (of DECIDED, else "accepted" or "rejected"),
    it counts and grades do not: it was made of them. Words that are no choice
    (evaluation.annotation.choices) count for nothing.

    Args:
        judgements: Of one intention of one post.
    """
    lesser_last = sorted(judgements, key=lambda one: one.choice, reverse=True)
    choices = {one.annotator: choice_in(one.choice) for one in sorted(lesser_last, key=_moment)}
    heard = _heard({annotator: choice for annotator, choice in choices.items() if choice})
    return verdict(heard, Rule.MAJORITY)


def is_judged(judgements: Sequence[Judgement]) -> bool:
    """Return whether anybody judged it: so it is where ``accepted`` finds as many for as against.

    Args:
        judgements: Of one intention of one post.
    """
    return any(choice_in(one.choice) for one in judgements)


def verdict(choices: Sequence[Choice], rule: Rule) -> bool | None:
    """Return whether choices take an intention or refuse it, None where too few of them agree.

    Args:
        choices: One an annotator.
        rule: How many are to agree: more than half, or all.
    """
    taken = sum(choice.accepts for choice in choices)
    needed = len(choices) // 2 + 1 if rule is Rule.MAJORITY else max(1, len(choices))
    if taken >= needed:
        return True
    return False if len(choices) - taken >= needed else None


def _heard(said: Mapping[str, Choice]) -> Sequence[Choice]:
    if DECIDED in said:
        return [said[DECIDED]]
    decisions = [choice for choice in said.values() if choice not in GRADES]
    return decisions or list(said.values())


def _moment(judgement: Judgement) -> datetime:
    """Return when it was made; long ago, where a graph holds what is no time."""
    try:
        return moment_of(judgement.time)
    except RecordError:
        return moment_of("")
