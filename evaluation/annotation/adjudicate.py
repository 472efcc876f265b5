"""From several judgements of one intention to a decision: accepted, rejected, or disputed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluation.annotation.accepted import verdict
from evaluation.annotation.choices import Choice
from evaluation.annotation.judged import ItemKey, Judged
from evaluation.annotation.terms import Rule, Terms


@dataclass(frozen=True, slots=True)
class Adjudication:
    """What was decided, and what was not, in the order of the items.

    Attributes:
        decided: A judgement for each item that was: accepted or rejected.
        disputed: Items that are left to an expert.
        too_few: Items that fewer judged than are wanted.
        without_intention: Items of intentions that the files do not hold: none can be filtered by.
    """

    decided: tuple[Judged, ...]
    disputed: tuple[ItemKey, ...]
    too_few: int
    without_intention: int

    @property
    def counts(self) -> dict[str, int]:
        """How many items came to what."""
        accepted = sum(one.choice.accepts for one in self.decided)
        return {
            "accepted": accepted,
            "rejected": len(self.decided) - accepted,
            "disputed": len(self.disputed),
            "too_few": self.too_few,
            "without_intention": self.without_intention,
        }


def adjudicate(judged: Iterable[Judged], terms: Terms) -> Adjudication:
    """Decide each item by whether its judgements take it ("very relevant", "accepted").

    A decision has the time of the last judgement that it is made of, so that the same judgements
    give the same decision.
    """
    by_item: dict[ItemKey, list[Judged]] = {}
    for one in judged:
        if one.annotator != terms.name:
            by_item.setdefault(one.item, []).append(one)
    decided: list[Judged] = []
    disputed: list[ItemKey] = []
    too_few = without = 0
    for key in sorted(by_item):
        some = _heard(by_item[key], terms.expert)
        if not key.intention_id:
            without += 1
        elif len(by_item[key]) < terms.least:
            too_few += 1
        elif (choice := _decision(some, terms.rule)) is not None:
            last = max(some, key=lambda one: (one.moment, one.time))
            decided.append(Judged(key, terms.name, choice, last.time))
        else:
            disputed.append(key)
    return Adjudication(tuple(decided), tuple(disputed), too_few, without)


def _heard(judged: Sequence[Judged], expert: str) -> Sequence[Judged]:
    """Return the expert's word, where there is one; else everyone's."""
    return [one for one in judged if expert and one.annotator == expert] or judged


def _decision(judged: Sequence[Judged], rule: Rule) -> Choice | None:
    takes = verdict([one.choice for one in judged], rule)
    if takes is None:
        return None
    return Choice.ACCEPTED if takes else Choice.REJECTED
