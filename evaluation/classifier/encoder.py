"""The encoder that is fine-tuned: any transformer, by its folder or name."""

import os
from typing import Any

import transformers

from evaluation.pretrained import pretrained
from kg.sentence_embedder import model_path, revision_of


class PretrainedEncoder:
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
        self.name = model
        self.revision = revision_of(model_path(model))
        self.tokenizer: Any = pretrained(transformers.AutoTokenizer, model)

    def fresh(self) -> Any:
        """Return the weights as they come."""
        return pretrained(transformers.AutoModel, self.name)
