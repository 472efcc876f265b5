"""The commands `annotate …`: import from the defining module."""
