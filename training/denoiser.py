"""Training of the transformer and its text encoders by flow matching, in stages that follow one another.

A stage says how many steps, on which canvases, with which noise levels and weights. Two small heads, thrown
away afterwards, ask in the middle of the network which glyph an image token shows and where a text token's
glyph stands: without them letters find their places an order of magnitude later.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.optimizer import StateDict

from training.latents import COLUMNS, LABELS, ROWS, Examples, coupled
from training.muon import Pair, optimizers, set_rate
from training.networks import Networks, OneForManyZeros, Shape
from training.posters import STYLE_BITS
from training.progress import Progress, device, warm_then_decay, write_atomically
from training.tokenizer import LENGTH

EMA_EVERY = 4
Hook = Callable[[nn.Module, tuple[Tensor, ...], tuple[Tensor, ...]], None]
"""What a block calls after its work, with itself, its inputs and its outputs."""


class Checkpoint(TypedDict):
    """What a stage keeps: weights of networks and heads, average of the networks, and how to go on."""

    all: dict[str, Tensor]
    average: dict[str, Tensor]
    step: int
    optimizers: list[StateDict]
    generator: Tensor
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stretch of training.

    `canvases` maps the name of a set of examples to its share of the batches; `shift` moves the noise levels
    towards 1; `sigmas`, when given, trains only near these levels (few-step training); `weights` are the
    factors of the velocity loss on tokens that show nothing, large text, small text and shapes; `heads` is
    the weight of the helper losses (0: without helpers); `edge` is the share of batches' noise near the edge
    of two layouts (see `latents.coupled`); the learning rate falls to `floor` over the last share `decay`.
    """

    name: str
    steps: int
    canvases: Mapping[str, float]
    shift: float = 3.0
    sigmas: tuple[float, ...] = ()
    weights: tuple[float, float, float, float] = (1.0, 2.0, 2.0, 2.0)
    heads: float = 0.2
    edge: float = 0.0
    lr: float = 2e-3
    decay: float = 0.0
    floor: float = 0.02
    batch: int = 48
    warm: int = 60
    ema: float = 0.998


class Heads(nn.Module):
    """Reads the helper labels from hidden states, caught by hooks on two blocks of the transformer.

    The first text token, which says nothing itself, is asked for the style that the noise spells.
    """

    def __init__(self, networks: Networks) -> None:
        super().__init__()
        width, blocks = networks.shape.width, networks.transformer.transformer_blocks
        self.glyph = nn.Linear(width, LABELS)
        self.column, self.row = nn.Linear(width, COLUMNS), nn.Linear(width, ROWS)
        self.style = nn.Linear(width, STYLE_BITS)
        self._caught: dict[str, Tensor] = {}
        blocks[len(blocks) // 2 - 1].register_forward_hook(self._catch("text", 0))
        blocks[-(-len(blocks) * 2 // 3) - 1].register_forward_hook(self._catch("image", 1))

    def _catch(self, name: str, output: int) -> Hook:
        def hook(_module: nn.Module, _inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
            self._caught[name] = outputs[output]

        return hook

    def losses(self, batch: Examples) -> tuple[Tensor, Tensor, Tensor]:
        """Loss of the glyphs, loss of the places, and per image token whether its glyph was right."""
        text, glyphs = self._caught["text"][:, :LENGTH], self.glyph(self._caught["image"]).float()
        labels = batch.labels.flatten(1).long()
        # Most tokens show nothing: with full weight on them, nothing is what the head would learn to say.
        rare = torch.ones(LABELS, device=glyphs.device)
        rare[0] = 0.15
        glyph_loss = F.cross_entropy(glyphs.transpose(1, 2), labels, weight=rare)
        place_loss = F.cross_entropy(self.column(text).float().transpose(1, 2), batch.columns.long())
        place_loss = place_loss + F.cross_entropy(self.row(text).float().transpose(1, 2), batch.rows.long())
        bits = batch.styles[:, None] >> torch.arange(STYLE_BITS, device=glyphs.device) & 1
        style_loss = F.binary_cross_entropy_with_logits(self.style(text[:, 0]).float(), bits.float())
        return glyph_loss, place_loss + style_loss, glyphs.argmax(-1) == labels


class Trainee:
    """A model under training: networks, heads, running average, optimisers."""

    def __init__(self, shape: Shape, *, seed: int, compiled: bool = True) -> None:
        torch.manual_seed(seed)
        self.networks = Networks(shape)
        self.networks.transformer.set_attn_processor(OneForManyZeros())
        if shutil.which("g++") and compiled:
            self.networks.transformer.compile(dynamic=False)  # 1.7 times as fast, after 45 s for each canvas
        self.heads = Heads(self.networks)
        self.all = nn.ModuleDict({"networks": self.networks, "heads": self.heads}).to(device())
        self.average = {name: value.detach().clone() for name, value in self.networks.state_dict().items()}

    def optimizers(self, lr: float) -> Pair:
        """Muon for the matrices inside the blocks, AdamW for embeddings, norms, ends and heads."""
        inner: list[nn.Parameter] = []
        outer: list[nn.Parameter] = []
        for name, parameter in self.all.named_parameters():
            in_block = "transformer_blocks" in name or "encoder.layers" in name
            (inner if parameter.ndim == 2 and in_block else outer).append(parameter)
        return optimizers(inner, outer, lr=lr, adamw_lr=lr)

    @torch.no_grad()
    def update_average(self, keep: float) -> None:
        """Move the running average of the weights towards the present ones."""
        for name, value in self.networks.state_dict().items():
            if value.dtype.is_floating_point:
                self.average[name].lerp_(value, 1 - keep)


def loss_of(
    trainee: Trainee, batch: Examples, stage: Stage, generator: torch.Generator
) -> tuple[Tensor, dict[str, float]]:
    """The training loss of one batch and the values worth a curve."""
    x = batch.latents.float()
    sigma = noise_levels(stage, len(x), generator).to(x.device)
    noise = coupled(torch.randn(x.shape, generator=generator), batch.styles.cpu(), edge=stage.edge).to(
        x.device
    )
    level = sigma[:, None, None, None]
    with torch.autocast(x.device.type, torch.bfloat16):
        velocity = trainee.networks.velocity((1 - level) * x + level * noise, sigma, batch.ids.long())
        help_loss, values = _help(trainee, batch, sigma) if stage.heads else (0.0, {})
    error = (velocity.float() - (noise - x)) ** 2
    weight = pixel_weights(batch.kinds, stage.weights)
    flow = (error * weight).sum() / (weight.sum() * error.shape[1])
    return flow + stage.heads * help_loss, {"flow": float(flow.detach()), **values}


def _help(trainee: Trainee, batch: Examples, sigma: Tensor) -> tuple[Tensor, dict[str, float]]:
    """The helpers' loss and their values, after a pass through the networks."""
    glyph_loss, place_loss, right = trainee.heads.losses(batch)
    values = {"glyph": float(glyph_loss.detach()), "place": float(place_loss.detach())}
    noisy, glyph = (sigma > 0.9)[:, None], batch.labels.flatten(1) > 0
    if (noisy & glyph).any():
        values["accuracy_at_noise"] = float(right[noisy & glyph].float().mean())
    return glyph_loss + place_loss, values


def noise_levels(stage: Stage, count: int, generator: torch.Generator) -> Tensor:
    """Noise levels (count,) in 0..1: evenly spread ones shifted, or the stage's own with a little spread."""
    if stage.sigmas:
        levels = torch.tensor(stage.sigmas)[torch.randint(len(stage.sigmas), (count,), generator=generator)]
        return (levels + 0.02 * torch.randn(count, generator=generator)).clamp(0.02, 1.0)
    even = (torch.randperm(count, generator=generator) + torch.rand(count, generator=generator)) / count
    return stage.shift * even / (1 + (stage.shift - 1) * even)


def pixel_weights(kinds: Tensor, weights: tuple[float, float, float, float]) -> Tensor:
    """Loss weights (count, 1, height, width) of latents; a glyph's weight reaches one token to each side."""
    per_token = torch.tensor(weights, device=kinds.device)[kinds.long()][:, None]
    spread = F.max_pool2d(per_token, (1, 3), stride=1, padding=(0, 1))
    return F.interpolate(spread, scale_factor=2.0)


def train(
    trainee: Trainee, stage: Stage, examples: Mapping[str, Examples], folder: Path, *, seed: int
) -> None:
    """Run a stage to its end, from its checkpoint when there is one; leaves `<stage>.pt` in the folder."""
    generator, pair = torch.Generator().manual_seed(seed), trainee.optimizers(stage.lr)
    progress, checkpoint = Progress(stage.name, stage.steps, folder), folder / f"{stage.name}.pt"
    if checkpoint.exists():
        kept = restore(trainee, checkpoint)
        generator.set_state(kept["generator"].cpu())
        for optimizer, state in zip(pair, kept["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        progress = Progress(stage.name, stage.steps, folder, started_at=kept["step"], seconds=kept["seconds"])
    names, shares = list(stage.canvases), torch.tensor(list(stage.canvases.values()))
    while progress.step < stage.steps:
        set_rate(
            pair,
            warm_then_decay(
                progress.step, stage.steps, warm=stage.warm, decay=stage.decay, floor=stage.floor
            ),
        )
        canvas = examples[names[int(torch.multinomial(shares, 1, generator=generator))]]
        which = torch.randint(len(canvas.ids), (stage.batch,), generator=generator)
        loss, values = loss_of(trainee, canvas.batch(which, device()), stage, generator)
        for optimizer in pair:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainee.all.parameters(), 1.0)
        for optimizer in pair:
            optimizer.step()
        progress.advance(**values)
        if progress.step % EMA_EVERY == 0:
            trainee.update_average(min(stage.ema, 1 - 1 / (1 + progress.step / 8)) ** EMA_EVERY)
        if progress.step % 200 == 0 or progress.step == stage.steps:
            write_atomically(
                {
                    "all": trainee.all.state_dict(),
                    "average": trainee.average,
                    "step": progress.step,
                    "optimizers": [o.state_dict() for o in pair],
                    "generator": generator.get_state(),
                    "seconds": progress.seconds,
                },
                checkpoint,
            )


def restore(trainee: Trainee, checkpoint: Path) -> Checkpoint:
    """Load weights and running average from a stage's checkpoint; returns all that it holds."""
    kept: Checkpoint = torch.load(checkpoint, map_location=device(), weights_only=True)
    trainee.all.load_state_dict(kept["all"])
    trainee.average = {name: value.clone() for name, value in kept["average"].items()}
    return kept


def begin_from(trainee: Trainee, checkpoint: Path, blocks: tuple[int, ...]) -> None:
    """Begin with the averaged weights of another run: all of its blocks, or some, the last included."""
    other = torch.load(checkpoint, map_location=device(), weights_only=True)["average"]
    prefix = "transformer.transformer_blocks."
    weights = {name: value for name, value in other.items() if not name.startswith(prefix)}
    for new, old in enumerate(blocks):
        start = f"{prefix}{old}."
        weights |= {
            f"{prefix}{new}.{k.removeprefix(start)}": v for k, v in other.items() if k.startswith(start)
        }
    trainee.networks.load_state_dict(weights)
    trainee.average = {name: value.detach().clone() for name, value in trainee.networks.state_dict().items()}
