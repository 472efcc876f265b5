"""``python -m benchmarks [PART …]``: each part in a process, and so with a memory, of its own."""

import subprocess
import sys

import anyio

from benchmarks import (
    embedding,
    growing,
    killing,
    loading,
    recalling,
    searching,
    serving,
    traversing,
)

PARTS = {
    "embed": embedding.main,
    "load": loading.main,
    "search": searching.main,
    "recall": recalling.main,
    "traverse": traversing.main,
    "http": serving.main,
    "grow": growing.main,
    "kill": killing.main,
}


def main() -> None:
    """Run the parts named, or all of them in their order."""
    names = sys.argv[1:] or list(PARTS)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"no part is called {', '.join(unknown)}: {', '.join(PARTS)}")
    if len(names) == 1:
        anyio.run(PARTS[names[0]])
        return
    for name in names:
        subprocess.run([sys.executable, "-m", "benchmarks", name], check=True)


if __name__ == "__main__":
    main()
