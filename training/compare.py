"""`python -m training.compare CLONE`: the scores of the shipped models beside those of models trained again.

`CLONE` is another copy of this repository in which `make train` has run to its end.
"""

import argparse
import math
from collections.abc import Mapping
from pathlib import Path

from core.decisions.proportions import Bounds, wilson
from training.report import FIGURES, SCORES, Stored, stored, table
from training.stages import MODELS

RATES = ("large", "small")
"""Lines of a size, read exactly: the figures whose difference is worth an interval."""


def difference(shipped: tuple[int, int], again: tuple[int, int], *, level: float = 0.95) -> Bounds:
    """The share of `again` less that of `shipped`, each (hits, total), with Newcombe's interval.

    Method 10 of R. G. Newcombe, Statistics in Medicine 17 (1998) 873–890: the two Wilson intervals squared
    and added.

    >>> [round(100 * value, 1) for value in difference((48, 80), (56, 70))]
    [20.0, 5.2, 33.4]
    """
    old, new = wilson(*shipped, level=level), wilson(*again, level=level)
    found = new.estimate - old.estimate
    return Bounds(
        found,
        found - math.hypot(new.estimate - new.low, old.high - old.estimate),
        found + math.hypot(new.high - new.estimate, old.estimate - old.low),
    )


def side_by_side(shipped: Mapping[str, Stored], again: Mapping[str, Stored]) -> str:
    """Markdown: every figure of both, and the differences of the lines read."""
    columns: dict[str, Stored] = {}
    for name in shipped:
        columns |= {name: shipped[name], f"{name}, again": again[name]}
    lines = [table(columns, FIGURES), "", "Lines read, again less shipped, with 95% intervals:", ""]
    for name in shipped:
        for size in RATES:
            (hits, total), (new_hits, new_total) = (
                scores[name]["lines"][size] for scores in (shipped, again)
            )
            bounds = difference((hits, total), (new_hits, new_total))
            points = [f"{100 * value:+.1f}" for value in bounds]
            lines.append(f"- {name}, {size}: {points[0]} points ({points[1]} to {points[2]})")
    return "\n".join(lines)


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(prog="python -m training.compare", description=__doc__)
    parser.add_argument("clone", type=Path)
    folder = parser.parse_args().clone / "training" / "report" / "scores"
    if missing := [name for name in MODELS if not (folder / f"{name}.json").exists()]:
        parser.error(f"expected scores of {', '.join(MODELS)} in {folder}; missing: {', '.join(missing)}")
    shipped, again = ({name: stored(name, where) for name in MODELS} for where in (SCORES, folder))
    print(side_by_side(shipped, again))


if __name__ == "__main__":
    main()
