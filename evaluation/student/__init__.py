"""A small model that learns to infer intentions from a graph's: import from the defining module."""
