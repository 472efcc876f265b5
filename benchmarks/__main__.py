"""``python -m benchmarks [PART …]``: each part in a process, and so with a memory, of its own."""

import subprocess
import sys
from importlib import import_module

import anyio

PARTS = {
    "embed": "embedding",
    "load": "loading",
    "search": "searching",
    "recall": "recalling",
    "traverse": "traversing",
    "group": "grouping",
    "execute": "executing",
    "questions": "asking",
    "http": "serving",
    "distill": "distilling",
    "generate": "generating",
    "neo4j-load": "server_loading",
    "neo4j-search": "server_searching",
    "neo4j-questions": "server_asking",
    "neo4j-peers": "server_peers",
    "api-peers": "api_peers",
    "neo4j-import": "server_importing",
    "grow": "growing",
    "kill": "killing",
    "motive": "parting",
}
"""By the module that holds it: a part imports, and so holds in memory, no more than it measures."""


def main() -> None:
    """Run the parts named, or all of them in their order."""
    names = sys.argv[1:] or list(PARTS)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"no part is called {', '.join(unknown)}: {', '.join(PARTS)}")
    if len(names) == 1:
        anyio.run(import_module(f"benchmarks.{PARTS[names[0]]}").main)
        return
    for name in names:
        subprocess.run([sys.executable, "-m", "benchmarks", name], check=True)


if __name__ == "__main__":
    main()
