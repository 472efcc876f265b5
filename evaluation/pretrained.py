"""Encoders of transformers, by folder or name: what each command with --encoder loads them by."""

from typing import Any

from ingest.distill.chat import error_line
from kg.packaged import PACKAGED
from kg.sentence_embedder import model_path
from schema.errors import ModelLoadError


def pretrained(kind: Any, name: str, **options: object) -> Any:
    """Load an encoder's tokenizer, or its weights; no code that comes with them is run.

    Args:
        kind: Class of transformers, which has no types: AutoTokenizer or AutoModel.
        name: The encoder's folder, or PACKAGED; a name, where it may be downloaded or is there.
        options: Of that class.

    Raises:
        ModelLoadError: It cannot be loaded.
    """
    path = model_path(name)
    try:
        return kind.from_pretrained(str(path) if path.exists() else name, **options)
    except Exception as error:  # whatever its many parts raise of a broken file
        raise ModelLoadError(
            f"the encoder {name!r} cannot be loaded ({error_line(error)}): give --encoder the "
            f"folder of a transformers model, or {PACKAGED}; HF_HUB_OFFLINE=0 lets a model be "
            "downloaded by its name"
        ) from error
