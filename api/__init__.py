"""The GraphQL API: import from the module that defines the name."""
