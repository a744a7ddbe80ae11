"""``python -m cli.parent_watch MODULE ARGUMENTS…`` runs a module that ends when its starter does.

The starter holds the other end of our standard input. However it dies, also by ``kill -9``, the system closes
that pipe; we read the end of it, ask this process to stop, and after a grace end it and its children.
Works the same on Linux and macOS, and needs no polling.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

GRACE_SECONDS = 5.0


def main() -> None:
    """Put this process on its leash, then become the module named on the command line."""
    threading.Thread(target=_end_with_the_starter, name="leash", daemon=True).start()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_the_starter() -> None:
    while os.read(0, 1024):
        pass  # nothing is ever written: only the end matters
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
