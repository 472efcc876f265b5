"""Texts as a tokenizer's segments, each part cut at a length of its own.

The first part is the tokenizer's first segment, the others are the second, with its mark between
them: a long post takes no room from intentions, and a model that knows segments tells them apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation.folds import Places
from schema.errors import InputError

SPECIAL: Final = 8
"""Room for the tokenizer's own marks, which differ among models."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Texts of n examples as a model reads them: by its argument's name, n lists of numbers."""

    columns: Mapping[str, list[list[int]]]

    @property
    def lengths(self) -> list[int]:
        """How many tokens each example has."""
        return [len(one) for one in self.columns["input_ids"]]

    def at(self, places: Places) -> "Segments":
        """Return these of the examples."""
        return Segments(
            {name: [own[int(place)] for place in places] for name, own in self.columns.items()}
        )


def segments(tokenizer: Any, rows: Sequence[Sequence[str]], budgets: Sequence[int]) -> Segments:
    """Return texts as segments.

    Args:
        tokenizer: A fast tokenizer of transformers.
        rows: (n, parts), texts.
        budgets: (parts,), most tokens of each.

    Raises:
        InputError: The model reads fewer tokens at a time.
    """
    room = sum(budgets) + SPECIAL
    if room > tokenizer.model_max_length:
        raise InputError(
            f"{room} tokens are asked for, and the encoder reads {tokenizer.model_max_length} at "
            "a time: give another --encoder, or, to `miko sarcasm`, lower --tokens"
        )
    columns = [
        _cut(tokenizer, [row[place] for row in rows], most) for place, most in enumerate(budgets)
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
