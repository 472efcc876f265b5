"""The encoder that is fine-tuned: any transformer, by its folder or name."""

import os
from typing import Any

import transformers

from kg.sentence_embedder import PACKAGED, model_path, revision_of
from schema.errors import ModelLoadError


class Encoder:
    """An encoder as it comes, to be fine-tuned any number of times."""

    def __init__(self, model: str) -> None:
        """Load its tokenizer.

        Args:
            model: Its folder, or PACKAGED; a name, where it may be downloaded or is there.

        Raises:
            ModelLoadError: It cannot be loaded.
        """
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # as kg.sentence_embedder
        transformers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()
        path = model_path(model)
        self.name = model
        self._path = str(path) if path.exists() else model
        self.revision = revision_of(path)
        self.tokenizer: Any = self._loaded(transformers.AutoTokenizer)

    def fresh(self) -> Any:
        """Return the weights as they come."""
        return self._loaded(transformers.AutoModel)

    def _loaded(self, kind: Any) -> Any:
        try:
            return kind.from_pretrained(self._path)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelLoadError(
                f"the encoder {self.name!r} cannot be loaded ({error}): give --encoder the "
                f"folder of a transformers model, or {PACKAGED}; HF_HUB_OFFLINE=0 lets a model be "
                "downloaded by its name"
            ) from error
