"""The command line: composes the rest and holds no logic of its own."""
