"""Do the embedded models draw what their prompts say? The committed weights on held-out prompts.

Beside them stands the renderer, whose drawings are perfect: what is missing there is OCR's error. Rates carry
95 % Wilson intervals; seconds are CPU seconds of one thread.
"""

from __future__ import annotations

import argparse

from training.heldout import heldout_posters
from training.pack import size_mib
from training.report import FIGURES, MODELS_FOLDER, RENDERER, table
from training.scores import by_model, by_renderer, digest_elsewhere, drawn_digest, measure
from training.stages import MODELS


def main() -> None:
    """Print the table; `--prompts` for fewer than 500 of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.embedded_models", description=__doc__)
    parser.add_argument("--prompts", type=int, default=500)
    posters = heldout_posters(parser.parse_args().prompts)
    columns = {RENDERER: measure(by_renderer, posters).as_dict()}
    for name, recipe in MODELS.items():
        folder, steps = MODELS_FOLDER / name, recipe.sampler.steps
        columns[name] = measure(by_model(folder, steps), posters).as_dict()
        columns[name]["bit_exact"] = drawn_digest(folder, steps) == digest_elsewhere(folder, steps)
        columns[name]["size_mib"] = size_mib(folder)
    print("256×128, one seed a prompt\n")
    print(table({name: {"prompts": len(posters), **scores} for name, scores in columns.items()}, FIGURES))


if __name__ == "__main__":
    main()
