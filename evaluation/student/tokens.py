"""Lessons as a model reads them: what all begin with stands once, and what counts is marked."""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
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
    """

    tokens: tuple[int, ...]
    counted: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class TokenizedLessons:
    """Lessons in tokens, and what all of them begin with.

    Attributes:
        shared: The instruction; it leaves at least one token to each.
        rows: One for each of the lessons.
        lessons: Those that were given, in their order, but for those that are too long.
        too_long: How many those are.
    """

    shared: tuple[int, ...]
    rows: Sequence[LessonTokens]
    lessons: Sequence[Lesson]
    too_long: int


def tokenized(lessons: Sequence[Lesson], tokenizer: Any, *, most_tokens: int) -> TokenizedLessons:
    """Put lessons into tokens.

    Args:
        lessons: At least one.
        tokenizer: Of transformers, with a chat template and offsets.
        most_tokens: Of one lesson in all; longer ones are left out.

    Raises:
        InputError: The model has no chat template, or one that does not end in an answer.
    """
    every = [(_example(lesson, tokenizer), lesson) for lesson in lessons]
    taught = [pair for pair in every if len(pair[0].tokens) <= most_tokens]
    if not taught:
        raise InputError(f"no lesson fits {most_tokens} tokens: raise --max-tokens")
    fitting = [one for one, _ in taught]
    prompts = [one.tokens[: one.counted.index(True) - 1] for one in fitting]
    size = _common(min(prompts), max(prompts))
    rows = [LessonTokens(one.tokens[size:], one.counted[size:]) for one in fitting]
    return TokenizedLessons(
        fitting[0].tokens[:size],
        rows,
        [lesson for _, lesson in taught],
        len(every) - len(taught),
    )


def _example(lesson: Lesson, tokenizer: Any) -> LessonTokens:
    asked, end = _rendered(lesson, tokenizer)
    text, passed_over = answer_of(lesson.tails, lesson.taken)
    prompt: list[int] = tokenizer(asked, add_special_tokens=False).input_ids
    answer = tokenizer(text + end, add_special_tokens=False, return_offsets_mapping=True)
    spans: list[Span] = answer.offset_mapping
    counted = [not any(_overlap(span, other) for other in passed_over) for span in spans]
    return LessonTokens((*prompt, *answer.input_ids), (*[False] * len(prompt), *counted))


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


def answer_of(tails: Mapping[Relation, str], taken: Set[Relation]) -> tuple[str, list[Span]]:
    """Return the answer as distilling reads it, and where tails stand that are not taken."""
    text, passed_over = "{", list[Span]()
    for part, is_passed_over in _parts(tails, taken):
        if is_passed_over:
            passed_over.append((len(text), len(text) + len(part)))
        text += part
    return text + "}", passed_over


def _parts(tails: Mapping[Relation, str], taken: Set[Relation]) -> Iterator[tuple[str, bool]]:
    for number, (relation, tail) in enumerate(tails.items()):
        yield f'{", " if number else ""}"{relation.value}": "', False
        yield json.dumps(tail, ensure_ascii=False)[1:-1], relation not in taken
        yield '"', False


def _overlap(first: Span, second: Span) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _common(first: Sequence[int], last: Sequence[int]) -> int:
    """Return how many tokens the least and the greatest of rows begin with, and so do all."""
    pairs = zip(first, last, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
