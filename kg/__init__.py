"""The graph: the store protocol, its adapters, search and traversal; import from the modules."""
