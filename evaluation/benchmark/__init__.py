"""How well models write intentions of posts: import from the defining module."""
