"""Are broken transparencies caught, and clean ones left alone? Beside a script that looks at the mode.

A plain script asks whether the file says RGBA. The check examines what the channel holds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from PIL import Image

from core.checks.measures.alpha import faults_of
from core.checks.picture import FeatureCache, Picture
from core.checks.selftest.cutouts import CLEAN, FAULTS, draw_cutout
from core.records import Case

SHAPES = 100
CLEAN_CUTOUTS = 500
CASE = Case(name="cut-out", prompt="drawn", width=128, height=128, expects_alpha=True)


def main() -> None:
    """Print the table; the exit code tells whether every family was caught without a false alarm."""
    print("| cut-outs | n | the check objects | a script that looks at the mode objects |")
    print("|---|---|---|---|")
    good = True
    for name, change in FAULTS.items():
        caught, by_mode, n = counted(change, SHAPES)
        good &= caught == n
        print(f"| {name} | {n} | {caught} ({caught / n:.1%}) | {by_mode} ({by_mode / n:.1%}) |")
    alarms, by_mode, n = 0, 0, 0
    for number, change in enumerate(CLEAN.values()):
        share = len(range(number, CLEAN_CUTOUTS, len(CLEAN)))
        found = counted(change, share, first=SHAPES)
        alarms, by_mode, n = alarms + found[0], by_mode + found[1], n + found[2]
    print(f"| clean ({', '.join(CLEAN)}) | {n} | {alarms} ({alarms / n:.1%}) | {by_mode} |")
    sys.exit(not (good and alarms == 0))


def counted(
    change: Callable[[Image.Image], Image.Image], shapes: int, *, first: int = 0
) -> tuple[int, int, int]:
    """How often the check and the look at the mode object to a changed cut-out, of how many."""
    pictures = [change(image) for image in _drawn(first, shapes)]
    by_check = sum(bool(faults_of(Picture(p, cache=FeatureCache(1 << 20)), CASE)) for p in pictures)
    by_mode = sum(p.mode != "RGBA" for p in pictures)
    return by_check, by_mode, len(pictures)


def _drawn(first: int, shapes: int) -> Iterator[Image.Image]:
    return (draw_cutout(seed) for seed in range(first, first + shapes))


if __name__ == "__main__":
    main()
