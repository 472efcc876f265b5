"""Every setting says what it is, and is read as a person writes it."""

import pytest
from pydantic_settings import BaseSettings

from api.settings import ApiSettings
from kg.settings import EmbedderSettings, Neo4jSettings, StoreSettings


@pytest.mark.parametrize("settings", [StoreSettings, EmbedderSettings, Neo4jSettings, ApiSettings])
def test_each_setting_describes_itself(settings: type[BaseSettings]) -> None:
    assert [n for n, field in settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ("miko.example", ["miko.example"]),
        ("miko.example, pets.example,", ["miko.example", "pets.example"]),
        ('["miko.example"]', ["miko.example"]),
        ("", []),
    ],
)
def test_host_names_are_parted_by_commas(
    given: str, hosts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIKO_API_ALLOWED_HOSTS", given)

    assert ApiSettings().allowed_hosts == hosts
