"""Do the embedded models draw what their prompts say? The committed weights on held-out prompts.

Beside them stands the renderer, whose drawings are perfect: what is missing there is OCR's error. Rates carry
95% Wilson intervals; seconds are CPU seconds of one thread.
"""

from __future__ import annotations

import argparse

from training.report import FIGURES, RENDERER, evaluated, table
from training.stages import MODELS


def main() -> None:
    """Print the table; `--prompts` for fewer than 500 of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.embedded_models", description=__doc__)
    parser.add_argument("--prompts", type=int, default=500)
    prompts = parser.parse_args().prompts
    columns = {name: evaluated(name, prompts) for name in (RENDERER, *MODELS)}
    print("256×128, one seed a prompt; the other sizes with a fifth of the prompts\n")
    print(table(columns, FIGURES))


if __name__ == "__main__":
    main()
