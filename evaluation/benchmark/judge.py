"""A model as judge: how each intention fits its post, by the grades that people are given.

No reference is needed: every slot counts, not only those that have one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

import numpy as np
import orjson

from evaluation.annotation.choices import GRADES, Choice, choice_in
from evaluation.benchmark.asking import record_of, said_in
from evaluation.benchmark.measures import COUNT, PLACE, Measure, Parts, mean
from evaluation.benchmark.reading import Slot
from ingest.distill.generator import Generator, Prompt
from ingest.distill.posts import words_of_hashtags
from ingest.distill.wording import PARTED
from ingest.in_order import in_order
from schema.errors import NoAnswerError
from schema.nodes import Post
from schema.relations import RELATIONS, Relation
from schema.text import digest

JUDGE: Final = "Judge"
Tails = Mapping[Relation, str]
Judged = Mapping[Relation, bool]


class Judge:
    """Asks a model to judge; what it answers otherwise than it was asked counts for nothing."""

    def __init__(self, generator: Generator, posts: Sequence[Post], concurrency: int) -> None:
        self._generator = generator
        self._posts = posts
        self._concurrency = concurrency
        self.faults: Final = Counter[str]()

    @property
    def measures(self) -> list[Measure]:
        """The one measure."""
        model, prompt = self._generator.use.model, digest("judge", *_wording())
        note = f"share of {Choice.VERY_RELEVANT.value!r} by {model}, prompt {prompt}"
        return [Measure(JUDGE, f"{note}; mean over ten relations", mean)]

    async def parts(self, tails: Mapping[Slot, str]) -> Parts:
        """Return what each post adds; an empty slot counts 0, one without a judgement is left out.

        Raises:
            GeneratorError: The model cannot be asked.
        """
        found = np.zeros((len(self._posts), 2 * COUNT))

        async def ask(place: int) -> tuple[int, Judged]:
            post = self._posts[place]
            own = {r: tails[post.id, r] for r in Relation if (post.id, r) in tails}
            return place, await self._judged(post, own) | dict.fromkeys(
                set(Relation) - own.keys(), False
            )

        async def take(outcome: tuple[int, Judged]) -> None:
            place, judged = outcome
            for relation, accepts in judged.items():
                found[place, [PLACE[relation], COUNT + PLACE[relation]]] = accepts, 1

        places = iter(range(len(self._posts)))
        await in_order(places, ask, take, concurrency=self._concurrency)
        return {JUDGE: found}

    async def _judged(self, post: Post, tails: Tails) -> dict[Relation, bool]:
        """Return whether each tail is accepted, as far as the model says."""
        if not tails:
            return {}
        try:
            answer = await self._generator.answer(_prompt(post, tails))
        except NoAnswerError as error:
            self.faults[str(error)] += 1
            return {}
        said = said_in(answer.text)
        choices = {r: choice_in(said.get(r)) for r in tails}
        found = {r: choice.accepts for r, choice in choices.items() if choice is not None}
        if len(found) < len(tails):
            self.faults["the judge gave no grade"] += len(tails) - len(found)
        return found


def _prompt(post: Post, tails: Tails) -> Prompt:
    record = record_of(post)
    told = {
        "text": post.text,
        "hashtags": words_of_hashtags(record),
        "image_description": post.image_description,
        "intentions": {r.value: RELATIONS[r].sentence(tail) for r, tail in tails.items()},
    }
    data = orjson.dumps({n: v for n, v in told.items() if v}).decode().replace("</", "<\\/")
    grade = {"type": "string", "enum": [one.value for one in GRADES]}
    schema = {
        "type": "object",
        "properties": {r.value: grade for r in tails},
        "required": [r.value for r in tails],
        "additionalProperties": False,
    }
    system, user = _wording()
    return Prompt("judge", system, Template(user).substitute(post=data), schema)


@cache
def _wording() -> tuple[str, str]:
    text = (files("evaluation.benchmark") / "judge.txt").read_text("utf-8")
    system, _, user = text.partition(PARTED)
    return system.strip(), user.strip()
