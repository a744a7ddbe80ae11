"""Live some histories by hand.

python -m tests.simulation --seed 17                 one, with its journal
python -m tests.simulation --histories 5000          the first 5,000
python -m tests.simulation --histories 50 --bug undo_that_deletes
"""

from __future__ import annotations

import argparse
import sys

from tests.simulation.bugs import BUGS
from tests.simulation.histories import STEPS, HistoryFailed, live


def main() -> int:
    """1 when a rule was broken, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, help="live the history of this seed and print it")
    parser.add_argument("--histories", type=int, default=1, help="how many, from --seed or 0 on")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--bug", choices=sorted(BUGS), help="plant a bug that has to be found")
    parser.add_argument("--skewed", action="store_true", help="let the clocks of processes jump")
    asked = parser.parse_args()
    first = asked.seed or 0
    failed = 0
    for seed in range(first, first + asked.histories):
        try:
            journal = live(seed, steps=asked.steps, bug=asked.bug, skewed=asked.skewed)
        except HistoryFailed as failure:
            failed += 1
            print(failure, end="\n\n")
        else:
            if asked.seed is not None and asked.histories == 1:
                print("\n".join(journal))
    print(f"{asked.histories:,} histories, {failed:,} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
