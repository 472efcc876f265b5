"""Settings of the API: MIKO_API_* variables, read once at the entry point."""

import json
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

TOKEN_LENGTH: Final = 16


def _names(value: object) -> object:
    """Read names parted by commas, or a JSON list; what is neither stays, and is no list."""
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return [name.strip() for name in value.split(",") if name.strip()]
    try:
        return json.loads(value)
    except ValueError:
        return value


def _token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value()
    if token and (len(token) < TOKEN_LENGTH or not token.isascii() or not token.isprintable()):
        raise ValueError(f"must be {TOKEN_LENGTH} plain characters at least, or empty for none")
    return value


class ApiSettings(BaseSettings):
    """Where the API listens and what one request may ask. Set by MIKO_API_* variables."""

    model_config = SettingsConfigDict(env_prefix="MIKO_API_", frozen=True)

    host: Annotated[
        str,
        Field(
            min_length=1,
            description="Address to listen at; there is no login, so keep it on this machine.",
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65_535, description="Port to listen at; 0 takes a free one.")
    ] = 8000
    allowed_hosts: Annotated[
        list[str],
        NoDecode,
        BeforeValidator(_names),
        Field(
            description="Host names that a request may be addressed to, parted by commas; "
            "addresses and localhost always may.",
        ),
    ] = []
    write_token: Annotated[
        SecretStr,
        AfterValidator(_token),
        Field(
            description="Who sends it may delete posts; empty, nobody may. 16 characters at least."
        ),
    ] = SecretStr("")
    timeout_s: Annotated[
        float, Field(gt=0, le=3600, description="Longest time that one request may take.")
    ] = 30.0
    traversal_timeout_s: Annotated[
        float,
        Field(
            gt=0,
            le=3600,
            description="Longest time of one traversal; what was found by then is returned.",
        ),
    ] = 2.0
    depth_limit: Annotated[
        int, Field(ge=1, le=50, description="Most levels of fields in an operation.")
    ] = 15
    cost_limit: Annotated[
        int,
        Field(
            ge=1,
            le=10_000_000,
            description="Greatest cost of an operation: about one for each value of its answer, "
            "100 more for each field of the query, 1000 for one that traverses.",
        ),
    ] = 50_000
    token_limit: Annotated[
        int, Field(ge=10, le=100_000, description="Most tokens in a document.")
    ] = 1000
    body_limit_bytes: Annotated[
        int, Field(ge=1000, le=100_000_000, description="Largest body of a request.")
    ] = 262_144
