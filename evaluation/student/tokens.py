"""Lessons as a model reads them: what all begin with stands once, and what counts is marked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from evaluation.student.lessons import Lesson
from ingest.distill.chat import messages_of
from schema.errors import InputError
from schema.relations import Relation

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LessonTokens:
    """A lesson behind what it begins with.

    Attributes:
        tokens: The rest of the prompt, and the answer with its end.
        counted: Which of them are learnt: the answer, without the tails that are not taken.
        tails: The relation whose tail each is of, None where it is of none.
    """

    tokens: tuple[int, ...]
    counted: tuple[bool, ...]
    tails: tuple[Relation | None, ...]


@dataclass(frozen=True, slots=True)
class TokenizedLessons:
    """Lessons in tokens, and what all of them begin with.

    Attributes:
        shared: The instruction; it leaves at least one token to each.
        rows: One for each of those that are not too long.
        places: Which of the lessons that were given these are, rising: not those that are too long.
    """

    shared: tuple[int, ...]
    rows: Sequence[LessonTokens]
    places: Sequence[int]


def tokenized(lessons: Sequence[Lesson], tokenizer: Any, *, most_tokens: int) -> TokenizedLessons:
    """Put lessons into tokens.

    Args:
        lessons: Any number.
        tokenizer: Of transformers, with a chat template and offsets.
        most_tokens: Of one lesson in all; longer ones are left out.

    Raises:
        InputError: The model has no chat template, or one that does not end in an answer.
    """
    every = [_example(lesson, tokenizer) for lesson in lessons]
    places = [place for place, one in enumerate(every) if len(one.tokens) <= most_tokens]
    if not places:
        return TokenizedLessons((), (), ())
    fitting = [every[place] for place in places]
    prompts = [one.tokens[: one.counted.index(True) - 1] for one in fitting]
    size = _common(min(prompts), max(prompts))
    rows = [
        LessonTokens(one.tokens[size:], one.counted[size:], one.tails[size:]) for one in fitting
    ]
    return TokenizedLessons(fitting[0].tokens[:size], rows, places)


def _example(lesson: Lesson, tokenizer: Any) -> LessonTokens:
    asked, end = _rendered(lesson, tokenizer)
    text, places = answer_of(lesson.tails)
    prompt: list[int] = tokenizer(asked, add_special_tokens=False).input_ids
    answer = tokenizer(text + end, add_special_tokens=False, return_offsets_mapping=True)
    spans: list[Span] = answer.offset_mapping
    tails = [_relation_at(span, places) for span in spans]
    counted = [relation is None or relation in lesson.taken for relation in tails]
    return LessonTokens(
        (*prompt, *answer.input_ids),
        (*[False] * len(prompt), *counted),
        (*[None] * len(prompt), *tails),
    )


def _rendered(lesson: Lesson, tokenizer: Any) -> tuple[str, str]:
    """Return the prompt by the model's own template, and what it ends an answer with."""
    if not tokenizer.chat_template:
        raise InputError("the model has no chat template: name one that was taught to answer")
    asked, mark = messages_of(lesson.prompt), "{}"
    prompt: str = tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)
    answered = [*asked, {"role": "assistant", "content": mark}]
    whole: str = tokenizer.apply_chat_template(answered, tokenize=False)
    _, _, end = whole.removeprefix(prompt).rpartition(mark)
    if not whole.startswith(prompt) or not end.strip():
        raise InputError("the model's chat template does not end an answer: name another model")
    return prompt, end.rstrip()


def answer_of(tails: Mapping[Relation, str]) -> tuple[str, dict[Relation, Span]]:
    """Return the answer of some tails as distilling reads it, and where in it each stands."""
    text, places = "", dict[Relation, Span]()
    for relation, tail in tails.items():
        text += f'{", " if text else "{"}"{relation.value}": "'
        told = json.dumps(tail, ensure_ascii=False)[1:-1]
        places[relation] = (len(text), len(text) + len(told))
        text += f'{told}"'
    return text + "}", places


def _relation_at(span: Span, places: Mapping[Relation, Span]) -> Relation | None:
    return next((relation for relation, place in places.items() if _overlap(span, place)), None)


def _overlap(first: Span, second: Span) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _common(first: Sequence[int], last: Sequence[int]) -> int:
    """Return how many tokens the least and the greatest of rows begin with, and so do all."""
    pairs = zip(first, last, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
