"""What Pillow's backend draws of prompts: every colour, size, step and seed; see :mod:`tests.core.known`.

python -m tests.core.backends.known_values
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from core.backends.drawing import COLOURS, DrawingBackend
from core.backends.protocol import Generation
from core.recipes.recipe import make_recipe
from core.records import Case, Contract, Mode, ModelSpec
from tests.core.known import one_face, picture, write

SALE = 'poster, exact text: "SALE", red on cream'
PROMPTS = (
    SALE,
    'poster, exact text: "SALE", red on transparent',
    'poster, small, exact text: "SALE"',
    'poster, exact text: "SUMMER" "50 OFF", navy on pink',
    'poster, exact text: "A LINE THAT IS MUCH TOO LONG", yellow on mauve and white on teal',
    "no words at all, red over blue",
)


def _drawn(
    prompt: str, *, seed: int = 1, steps: int = 90, mode: Mode = Mode.RGBA, side: int = 64
) -> Generation:
    contract = Contract(mode=mode)
    spec = ModelSpec(
        name="sketch",
        source="",
        backend="drawing",
        num_inference_steps=steps,
        guidance_scale=1,
        contract=contract,
    )
    backend = DrawingBackend(spec, Path("models.toml"))
    case = Case(name="known", prompt=prompt, width=2 * side, height=side)
    return backend.generate([make_recipe(case, seed, spec, backend.loaded)])[0]


def _shown(prompt: str, **how: int | Mode) -> str:
    return picture(_drawn(prompt, **how).image)  # type: ignore[arg-type]  # each key has its own type


@one_face()
def posters() -> dict[str, str]:
    """Prompts, as they are drawn without grain, and what changes one of them."""
    ways: dict[str, dict[str, int | Mode]] = {
        "without alpha": {"mode": Mode.RGB},
        "of one step": {"steps": 1},
        "of three steps": {"steps": 3},
        "of another seed": {"seed": 5},
        "of 8 pixels": {"side": 8},
        "of 24 pixels": {"side": 24},
    }
    return {prompt: _shown(prompt) for prompt in PROMPTS} | {
        way: _shown(SALE, **how) for way, how in ways.items()
    }


@one_face()
def colours() -> dict[str, str]:
    """Each colour as ink, and as ground of the one before."""
    return {
        f"{ink} on {ground}": _shown(f'exact text: "A", {ink} on {ground}')
        for ink, ground in pairwise(COLOURS)
    }


def noises() -> dict[str, str]:
    """The noise a render starts from, which a recipe's replay must find again."""
    made = {f"seed {seed}": _drawn(SALE, seed=seed) for seed in (0, 1, 2**63 - 1)}
    return {seed: f"{one.latent_shape} {one.noise_digest}" for seed, one in made.items()}


KNOWN = {"posters": posters, "colours": colours, "noises": noises}

if __name__ == "__main__":
    write(__file__, KNOWN)
