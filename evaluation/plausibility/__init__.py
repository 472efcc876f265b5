"""How plausible an intention is of its post: import from the defining module."""
