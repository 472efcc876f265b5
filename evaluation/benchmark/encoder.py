"""A transformer as an encoder of tokens, for BERTScore: any model by its path or name."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from evaluation.pretrained import pretrained
from kg.packaged import PACKAGED
from kg.sentence_embedder import model_path, revision_of
from schema.errors import ModelLoadError

Vectors = NDArray[np.float32]

TOKENS_LIMIT: Final = 512
BATCH_ROWS: Final = 64


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as an encoder sees it.

    Attributes:
        vectors: (tokens, dimensions), of length 1; those that begin and end the text included.
        counted: (tokens,) False for these two.
    """

    vectors: Vectors
    counted: NDArray[np.bool_]


class TokenEncoder:
    """A model and one of its layers; it blocks. What is in it has no types."""

    def __init__(self, name: str, layer: int | None = None) -> None:
        """Load it.

        Args:
            name: Its path or name.
            layer: Whose output counts, from 1; None for the last.

        Raises:
            ModelLoadError: It cannot be loaded, or has no such layer.
        """
        self._torch, self._tokenizer, self._model = _loaded(name)
        layers: int = self._model.config.num_hidden_layers
        if layer is not None and layer > layers:
            raise ModelLoadError(
                f"the encoder {name!r} has {layers} layers: name one of them by --layer"
            )
        self._layer = layers if layer is None else layer
        path = model_path(name)
        revision = revision_of(path)
        shown = path.name if path.exists() and name != PACKAGED else name
        self.name: Final = f"{shown}{revision and f' ({revision})'}, layer {self._layer}"

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each text."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found: dict[int, Tokens] = {}
        for start in range(0, len(order), BATCH_ROWS):
            places = order[start : start + BATCH_ROWS]
            some = self._encoded([texts[place] for place in places])
            found.update(zip(places, some, strict=True))
        return [found[place] for place in range(len(texts))]

    def _encoded(self, texts: Sequence[str]) -> list[Tokens]:
        limit = min(TOKENS_LIMIT, self._tokenizer.model_max_length)
        read = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=limit, return_tensors="pt"
        )
        with self._torch.inference_mode():
            hidden = self._model(**read, output_hidden_states=True).hidden_states[self._layer]
        vectors = np.asarray(hidden.float().numpy())
        vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
        ids, there = read["input_ids"].numpy(), read["attention_mask"].numpy().astype(bool)
        ends = [self._tokenizer.cls_token_id, self._tokenizer.sep_token_id]
        counted = ~np.isin(ids, [end for end in ends if end is not None])
        return [
            Tokens(rows[own], flags[own])
            for rows, flags, own in zip(vectors, counted, there, strict=True)
        ]


async def encoder(name: str, layer: int | None) -> TokenEncoder:
    """Load an encoder.

    Raises:
        ModelLoadError: It cannot be loaded, or has no such layer.
    """
    return await anyio.to_thread.run_sync(TokenEncoder, name, layer)


def _loaded(name: str) -> tuple[Any, Any, Any]:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded, unless one asks for it
    import torch
    import transformers
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    library: Any = transformers
    tokenizer = pretrained(library.AutoTokenizer, name)
    model = pretrained(library.AutoModel, name, dtype=torch.float32)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return torch, tokenizer, model.eval()
