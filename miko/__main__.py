"""``python -m miko``."""

from miko.cli import main

main()
