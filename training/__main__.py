"""`python -m training [task ...]`: make the embedded models from nothing, or go on where it was stopped.

Without arguments all tasks run, each in a process of its own, as many side by side as there are free cores
(`--jobs`); named tasks run in the order given, in this process. What is finished is recognised by its last
checkpoint.
"""

import argparse
import os
import subprocess
import sys

import torch

from core.torch_runtime import silence_pipelines
from training.progress import device
from training.schedule import TaskFailed, run_all
from training.tasks import ROOT, tasks


def main() -> None:
    """Run the named tasks, or all."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="task")
    parser.add_argument("--prompts", type=int, default=500, help="how many the evaluations draw (500)")
    parser.add_argument("--jobs", type=int, default=_jobs(), help="tasks side by side (%(default)s here)")
    asked = parser.parse_args()
    silence_pipelines()  # their bars would bury the lines of progress
    table = tasks(asked.prompts)
    if unknown := set(asked.tasks) - set(table):
        parser.error(f"expected tasks of {', '.join(table)}; got {', '.join(sorted(unknown))}")
    if asked.jobs < 1:
        parser.error(f"expected at least one job; got {asked.jobs}")
    if not asked.tasks:
        command = [sys.executable, "-m", "training", "--prompts", str(asked.prompts)]
        try:
            run_all(table, asked.jobs, lambda name: subprocess.Popen([*command, name], cwd=ROOT))
        except TaskFailed as failed:
            sys.exit(str(failed))
    for name in asked.tasks:
        device()
        table[name].work()


def _jobs() -> int:
    """Two lines of work run most of the time, each in one thread; a GPU is for one task at a time."""
    return 1 if torch.cuda.is_available() else min(2, os.cpu_count() or 1)


if __name__ == "__main__":
    main()
