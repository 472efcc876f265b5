"""What the graph and its models are worth, measured: import from the defining module."""
