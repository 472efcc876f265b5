"""Between a request's text and its execution: parse, measure, validate, and remember."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.errors import BAD_QUERY, refusal
from api.limits import Limits, size_of

DOCUMENTS: Final = 256
"""How many documents are remembered."""

RULES: Final = (*specified_rules, OneOfInputValidationRule)

REMEMBERED_CHARACTERS: Final = 20_000
"""Longest document that is remembered."""


@dataclass(slots=True)
class Prepared:
    """A document, and its faults once it was validated."""

    document: DocumentNode
    faults: list[GraphQLError] | None = None

    @property
    def operations(self) -> int:
        """How many operations there are."""
        return sum(isinstance(d, OperationDefinitionNode) for d in self.document.definitions)

    def validated(self, schema: GraphQLSchema) -> list[GraphQLError]:
        """Return why the document is not valid; empty where it is."""
        if self.faults is None:
            self.faults = validate(schema, self.document, RULES, max_errors=10)
        return self.faults


class Documents:
    """Documents as they were prepared: a client sends the same few again and again."""

    def __init__(self, token_limit: int) -> None:
        self._token_limit = token_limit
        self._remembered = lru_cache(DOCUMENTS)(self._prepared)

    def prepared(self, text: str) -> Prepared:
        """Return a document.

        Raises:
            GraphQLError: It is no GraphQL, or has too many tokens.
        """
        prepare = self._remembered if len(text) <= REMEMBERED_CHARACTERS else self._prepared
        return prepare(text)

    def _prepared(self, text: str) -> Prepared:
        limit = self._token_limit
        return Prepared(parse(text, max_lexical_tokens=limit, max_comments=limit))


class Preparation(SchemaExtension):
    """Prepares one operation; its size is measured first: to validate a huge one is work."""

    def __init__(self, documents: Documents, limits: Limits) -> None:
        super().__init__()
        self._documents = documents
        self._limits = limits
        self._prepared: Prepared | None = None

    def on_parse(self) -> Iterator[None]:
        self._prepared = self._documents.prepared(self.execution_context.query or "")
        self.execution_context.graphql_document = self._prepared.document
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = self._faults()
        yield

    def _faults(self) -> list[GraphQLError]:
        context, prepared = self.execution_context, self._prepared
        if prepared is None:
            return []
        # Strawberry keeps the schema that graphql-core validates against to itself.
        schema = context.schema._schema  # pyright: ignore[reportPrivateUsage]
        # Its public name is that of the first, where the client gave none.
        named = context._provided_operation_name  # pyright: ignore[reportPrivateUsage]
        if named is None and prepared.operations > 1:
            message = "the document has several operations: name one of them by operationName"
            return [refusal(message, BAD_QUERY)]
        try:
            variables = context.variables or {}
            size = size_of(schema, prepared.document, context.operation_name, variables)
        except GraphQLError as error:
            return [error]
        refused = self._limits.refuse(size)
        return prepared.validated(schema) if refused is None else [refused]
