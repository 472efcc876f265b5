"""Every setting says what it is."""

import pytest
from pydantic_settings import BaseSettings

from api.settings import ApiSettings
from kg.settings import EmbedderSettings, Neo4jSettings, StoreSettings


@pytest.mark.parametrize("settings", [StoreSettings, EmbedderSettings, Neo4jSettings, ApiSettings])
def test_each_setting_describes_itself(settings: type[BaseSettings]) -> None:
    assert [n for n, field in settings.model_fields.items() if not field.description] == []
