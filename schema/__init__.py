"""Plain data of the domain: import from the module that defines the name."""
