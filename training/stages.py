"""The whole training as a table: which stages, in which order, how long, and what each model is made of.

Change a number here and everything downstream follows.
"""

from dataclasses import dataclass, replace

from diffusers import FlowMatchEulerDiscreteScheduler

from training.denoiser import Stage
from training.networks import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleSet:
    """Posters drawn and encoded for training: how many, on which canvas, by which autoencoder."""

    count: int
    canvas: tuple[int, int]
    seed: int
    autoencoder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coder:
    """How an autoencoder is trained: from which other, with how much noise and shrinkage of the latents, and
    on which share of crops that show text."""

    steps: int
    source: str | None
    noise: float
    shrink: float
    on_text: float
    seed: int


FINAL_CODER = "fine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """How a decoder is trained on the frozen encoder of the final autoencoder: from which decoder on, with or
    without alpha, or as a larger one from nothing; with how much noise on the latents, on which share of
    crops that show text and of sizes that are small, and whether half of the posters say only glyphs that a
    small blur turns into one another."""

    steps: int
    source: str = FINAL_CODER
    alpha: bool = True
    larger: bool = False
    noise: float = 0.08
    on_text: float = 0.7
    small: float = 0.8
    alike: str = ""
    lr: float = 2e-3


LOOKALIKES = "0235689BCDGKOQRS" + 3 * "56S"
"""Fives, sixes and S come four times as often: a notch of two pixels tells them apart."""


def _sharper(source: str, *, steps: int) -> Decoder:
    """Goes on from a decoder with the letters that are hard to keep apart."""
    return Decoder(source=source, steps=steps, on_text=0.95, small=0.35, alike=LOOKALIKES, lr=1.5e-3)


CODERS = {
    "autoencoder": Coder(steps=7000, source=None, noise=0.1, shrink=1e-2, on_text=0.3, seed=10),
    "fine": Coder(steps=7000, source="autoencoder", noise=0.03, shrink=5e-4, on_text=0.8, seed=30),
}
DECODERS = {
    "decoder-rgb": Decoder(steps=2500, alpha=False),
    "decoder-rgba": Decoder(steps=4000),
    "decoder-large": Decoder(steps=4000, larger=True, noise=0.05, on_text=0.85, lr=3e-3),
    "sharp-rgba": _sharper("decoder-rgba", steps=3500),
    "sharp-large": _sharper("decoder-large", steps=4000),
}
_SIZES = {"strip": (2400, (256, 64)), "native": (9000, (256, 128)), "square": (3000, (128, 128))}
# The first lessons, where to put which letter, need no fine latents: they begin before those are ready.
EXAMPLES = {
    f"{coder}-{name}": ExampleSet(count=count, canvas=canvas, seed=seed + k, autoencoder=coder)
    for coder, seed in (("autoencoder", 101), ("fine", 107))
    for k, (name, (count, canvas)) in enumerate(_SIZES.items())
}
EXAMPLES["more-native"] = ExampleSet(count=16000, canvas=(256, 128), seed=207, autoencoder="fine")


def _all_from(coder: str) -> dict[str, float]:
    return {f"{coder}-native": 0.76, f"{coder}-strip": 0.1, f"{coder}-square": 0.14}


_MORE = _all_from("fine") | {"fine-native": 0.26, "more-native": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Stages trained one after the other, the first from nothing or, for a smaller network, from some blocks
    of the average that another run's stage ended with."""

    shape: Shape
    seed: int
    stages: tuple[Stage, ...]
    begun_from: tuple[str, tuple[int, ...]] | None = None


MAIN, SMALL = Shape(), Shape(blocks=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """How a model is run: `steps` of a flow-matching Euler scheduler from noise level 1 to `last`, then to 0.

    `last` is diffusers' `shift_terminal`: without it the scheduler spends its last step at 0.009, on nothing.
    """

    steps: int
    last: float
    shift: float = 3.0

    def scheduler(self) -> FlowMatchEulerDiscreteScheduler:
        return FlowMatchEulerDiscreteScheduler(shift=self.shift, shift_terminal=self.last)

    def sigmas(self) -> tuple[float, ...]:
        """The noise levels at which the network is called.

        >>> [round(sigma, 2) for sigma in FEW.sigmas()]
        [1.0, 0.91, 0.74, 0.35]
        """
        scheduler = self.scheduler()
        scheduler.set_timesteps(self.steps)
        return tuple(scheduler.sigmas[:-1].tolist())


FULL, FEW = Sampler(steps=8, last=0.15), Sampler(steps=4, last=0.35)
_SHARP = Stage(
    name="sharp",
    steps=600,
    canvases=_MORE,
    shift=3.2,
    heads=0.1,
    edge=0.1,
    warm=20,
    weights=(1.0, 5.0, 5.0, 4.0),
)
# A model of few steps learns at the noise levels that it will meet, and next to nothing of small letters.
_FEW = Stage(
    name="few",
    steps=900,
    canvases=_all_from("fine"),
    sigmas=FEW.sigmas(),
    lr=1.5e-3,
    heads=0.2,
    decay=0.8,
    warm=20,
    weights=(1.0, 5.0, 0.05, 3.0),
)
_FEWER = replace(
    _FEW,
    name="fewer",
    steps=1400,
    canvases=_MORE,
    lr=2e-3,
    decay=0.57,
    floor=0.43,
    weights=(1.0, 6.0, 0.0, 2.0),
)
_HEADLINES = replace(
    _FEWER,
    name="headlines",
    steps=300,
    lr=8.6e-4,
    heads=0.1,
    edge=0.2,
    decay=1.0,
    floor=0.02,
    ema=0.995,
    weights=(1.0, 7.0, 0.0, 2.0),
)

RUNS = {
    "main": Run(
        shape=MAIN,
        seed=1,
        stages=(
            Stage(name="strip", steps=450, canvases={"autoencoder-strip": 1.0}, shift=4.0, heads=0.3),
            Stage(name="draft", steps=300, canvases=_all_from("autoencoder"), shift=3.5, heads=0.3),
            Stage(
                name="full",
                steps=700,
                canvases=_all_from("fine"),
                shift=3.5,
                heads=0.2,
                warm=20,
                weights=(1.0, 3.0, 3.0, 3.0),
            ),
            _SHARP,
            replace(_SHARP, name="settle", edge=0.2),
            replace(
                _SHARP,
                name="close",
                steps=1340,
                shift=3.5,
                heads=0.03,
                edge=0.35,
                decay=1.0,
                weights=(1.0, 6.0, 5.0, 2.5),
            ),
            replace(
                _SHARP,
                name="finish",
                steps=500,
                shift=4.0,
                lr=1.2e-3,
                heads=0.03,
                edge=0.5,
                decay=1.0,
                ema=0.995,
                weights=(1.0, 6.0, 4.5, 2.0),
            ),
        ),
    ),
    "turbo": Run(
        shape=SMALL,
        seed=3,
        begun_from=("main/sharp", (0, 2, 5)),
        stages=(_FEW, _FEWER, _HEADLINES),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a shipped model is packed from: a checkpoint of a run, an autoencoder, a sampler."""

    run: str
    checkpoint: str
    autoencoder: str
    sampler: Sampler


MODELS = {
    "letterpress": Recipe(run="main", checkpoint="close", autoencoder="sharp-rgba", sampler=FULL),
    "letterpress-2": Recipe(run="main", checkpoint="finish", autoencoder="sharp-large", sampler=FULL),
    "letterpress-turbo": Recipe(run="turbo", checkpoint="headlines", autoencoder="decoder-rgb", sampler=FEW),
}
