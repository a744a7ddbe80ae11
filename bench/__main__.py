"""``python -m bench [NAME…]`` runs the named comparisons, or all of them, and prints their tables.

Options after a single name are that comparison's own. What takes long and compares nothing (``mutants``) runs
only when it is named.

Every other module of this folder is one comparison: ``python -m bench.<name>`` prints its table. Each runs in
a process of its own, so that none inherits another's threads, caches or memory.
"""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import takewhile
from pathlib import Path

from core.errors import InvalidRequest, SidegradeError, UnknownName

FOLDER = Path(__file__).parent
ON_REQUEST = ("mutants",)
"""Run only when they are named."""


def comparisons() -> list[str]:
    """The names of all comparisons, sorted."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py") if runs_alone(path))


def runs_alone(path: Path) -> bool:
    """Whether a module is a comparison, not a part that comparisons share."""
    return 'if __name__ == "__main__":' in path.read_text(encoding="utf-8")


def main(words: list[str]) -> int:
    """Run comparisons one after the other; the number of those that failed.

    Raises:
        UnknownName: before anything runs, with the nearest names.
        InvalidRequest: options, but not for a single comparison.
    """
    known = comparisons()
    wanted = list(takewhile(lambda word: not word.startswith("-"), words))
    options = words[len(wanted) :]
    if options and len(wanted) != 1:
        raise InvalidRequest(
            f"options: expected them after the name of one comparison, got {' '.join(words)}"
        )
    for name in wanted:
        if name not in known:
            raise UnknownName.of("comparison", name, known)
    failed = []
    for name in wanted or [name for name in known if name not in ON_REQUEST]:
        print(f"\n=== {name}", flush=True)
        started = time.monotonic()
        if subprocess.run([sys.executable, "-m", f"bench.{name}", *options], cwd=FOLDER.parent).returncode:
            failed.append(name)
        print(f"--- {name}: {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SidegradeError as error:
        sys.exit(str(error))
