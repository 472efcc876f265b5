"""Texts as a tokenizer's segments, each part cut at a length of its own.

The first part is the tokenizer's first segment, the others are the second, with its mark between
them: a long post takes no room from intentions, and a model that knows segments tells them apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation.sarcasm.parts import Inputs, Part
from schema.errors import InputError

SPECIAL: Final = 8
"""Room for the tokenizer's own marks, which differ among models."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """Most tokens of each part."""

    text: int = 64
    description: int = 96
    intentions: int = 192

    def of(self, part: Part) -> int:
        """Return the most tokens of a part."""
        return {
            Part.TEXT: self.text,
            Part.DESCRIPTION: self.description,
            Part.INTENTIONS: self.intentions,
        }[part]


@dataclass(frozen=True, slots=True)
class Segments:
    """Texts of n examples as a model reads them: by its argument's name, n lists of numbers."""

    columns: Mapping[str, list[list[int]]]

    @property
    def lengths(self) -> list[int]:
        """How many tokens each example has."""
        return [len(one) for one in self.columns["input_ids"]]


def segments(
    tokenizer: Any, rows: Sequence[Sequence[str]], inputs: Inputs, budgets: Budgets
) -> Segments:
    """Return texts as segments.

    Args:
        tokenizer: A fast tokenizer of transformers.
        rows: (n, parts), the texts of the inputs.
        inputs: The parts.
        budgets: Most tokens of each.

    Raises:
        InputError: The model reads fewer tokens at a time.
    """
    room = sum(budgets.of(part) for part in inputs) + SPECIAL
    if room > tokenizer.model_max_length:
        raise InputError(
            f"{room} tokens are asked for, and the encoder reads {tokenizer.model_max_length} at "
            "a time: give lower --tokens"
        )
    columns = [
        _cut(tokenizer, [row[place] for row in rows], budgets.of(part))
        for place, part in enumerate(inputs)
    ]
    mark = f" {tokenizer.sep_token or ''} "
    rest = [mark.join(own) for own in zip(*columns[1:], strict=True)]
    found = tokenizer(columns[0], rest or None)
    return Segments({name: list(found[name]) for name in tokenizer.model_input_names})


def _cut(tokenizer: Any, texts: Sequence[str], most: int) -> list[str]:
    """Return what of each text is its first tokens; marks that it holds itself are no marks."""
    plain = [_without(text, tokenizer.all_special_tokens) for text in texts]
    found = tokenizer(
        plain,
        add_special_tokens=False,
        truncation=True,
        max_length=most,
        return_offsets_mapping=True,
    )
    ends = [own[-1][1] if own else 0 for own in found["offset_mapping"]]
    return [text[:end] for text, end in zip(plain, ends, strict=True)]


def _without(text: str, marks: Sequence[str]) -> str:
    for mark in marks:
        text = text.replace(mark, " ")
    return text
