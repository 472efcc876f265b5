"""How good search is: import from the defining module."""
