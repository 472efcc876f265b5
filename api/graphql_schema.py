"""The GraphQL schema: the query, the mutation, their limits, and what becomes of errors."""

import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionContext

import api.vocabulary  # noqa: F401  # pyright: ignore[reportUnusedImport] makes enums known
from api.executor import PlainFieldsExecutor
from api.limits import Limits
from api.mutation import Mutation
from api.preparation import Documents, Preparation
from api.query import Query
from api.settings import ApiSettings


class GraphqlSchema(strawberry.Schema):
    """A schema that leaves errors to api.errors, which logs no content."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: Strawberry's own would log what somebody wrote."""


def build_graphql_schema(settings: ApiSettings) -> GraphqlSchema:
    """Build the schema with the limits of the settings."""
    documents = Documents(settings.token_limit)
    limits = Limits(settings.depth_limit, settings.cost_limit)
    return GraphqlSchema(
        Query,
        Mutation,
        extensions=[lambda: Preparation(documents, limits)],
        execution_context_class=PlainFieldsExecutor,
    )
