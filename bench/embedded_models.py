"""Do the embedded models draw what their prompts say? The committed weights on held-out prompts.

Beside them stands the renderer, whose drawings are perfect: what is missing there is OCR's error. Rates carry
95 % Wilson intervals; seconds are CPU seconds of one thread.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from training.heldout import heldout_posters
from training.report import FIGURES, table
from training.scores import by_model, by_renderer, drawn_digest, measure
from training.stages import MODELS

FOLDER = Path(__file__).resolve().parents[1] / "models"


def main() -> None:
    """Print the table; `--prompts` for fewer than 500 of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.embedded_models", description=__doc__)
    parser.add_argument("--prompts", type=int, default=500)
    posters = heldout_posters(parser.parse_args().prompts)
    columns = {"drawn by the renderer": measure(by_renderer, posters).as_dict()}
    for name, recipe in MODELS.items():
        columns[name] = measure(by_model(FOLDER / name, recipe.sampler.steps), posters).as_dict()
        columns[name]["bit_exact"] = drawn_digest(FOLDER / name, recipe.sampler.steps) == digest_elsewhere(
            name
        )
    print(f"{len(posters)} held-out prompts, 256×128, one seed each\n")
    print(table(columns, FIGURES))


def digest_elsewhere(name: str) -> str:
    """The digest of the same drawing made in a new process."""
    steps = MODELS[name].sampler.steps
    code = f"from training.scores import *; print(drawn_digest(Path({str(FOLDER / name)!r}), {steps}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=True
    )
    return done.stdout.split()[-1]


if __name__ == "__main__":
    main()
