"""The SDL: ``python -m api.sdl > tests/schema.graphql``."""

import sys

from api.graphql_schema import build_graphql_schema
from api.settings import ApiSettings


def sdl() -> str:
    """Return the text of the GraphQL schema, sorted by name."""
    return build_graphql_schema(ApiSettings()).as_str() + "\n"


if __name__ == "__main__":
    sys.stdout.write(sdl())
