"""Muon: momentum whose matrices are orthogonalised before each step (K. Jordan 2024).

The autoencoder reaches in 100 such steps what AdamW did not reach in 300. `torch.optim.Muon` takes matrices
only; convolutions are needed here too, and matrices of one shape are orthogonalised together, which is
faster. Steps are scaled to the size of AdamW's (0.2 · √max(rows, columns), Moonlight 2025), so that both
optimisers share one learning rate.
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

Pair = list[torch.optim.Optimizer]
"""The optimisers of one training, as `optimizers` makes them: Muon, then AdamW."""


def orthogonalised(matrices: Tensor, steps: int = 5) -> Tensor:
    """Nearly the orthogonal matrices next to a stack (count, rows, columns); Newton-Schulz in bfloat16."""
    x = matrices.to(torch.bfloat16)
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    length: Tensor = x.norm(dim=(-2, -1), keepdim=True)
    x = x / (length + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.mT if tall else x).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """For weights with two or more dimensions; the first is the rows, the rest are flattened to columns."""

    def __init__(self, params: Iterable[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # nothing here evaluates a loss anew
        """One Nesterov step for every parameter that has a gradient."""
        for group in self.param_groups:
            by_shape: defaultdict[tuple[int, int], list[nn.Parameter]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape[parameter.shape[0], parameter[0].numel()].append(parameter)
            for (rows, columns), parameters in by_shape.items():
                updates = [self._direction(p, group["momentum"]).reshape(rows, columns) for p in parameters]
                scale = group["lr"] * 0.2 * max(rows, columns) ** 0.5
                for parameter, update in zip(parameters, orthogonalised(torch.stack(updates)), strict=True):
                    parameter.sub_(update.reshape(parameter.shape), alpha=scale)

    def _direction(self, parameter: nn.Parameter, momentum: float) -> Tensor:
        assert parameter.grad is not None  # `step` leaves out those without
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(parameter.grad, 1 - momentum)
        return parameter.grad.lerp(state["momentum"], momentum)


def optimizers(muon: list[nn.Parameter], adamw: list[nn.Parameter], *, lr: float, adamw_lr: float) -> Pair:
    """Muon for the inner weights, AdamW for the rest; each group remembers its `base_lr` for `set_rate`."""
    pair: Pair = [
        Muon(muon, lr),
        torch.optim.AdamW(adamw, lr=adamw_lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    for optimizer in pair:
        for group in optimizer.param_groups:
            group["base_lr"] = group["lr"]
    return pair


def set_rate(pair: Pair, factor: float) -> None:
    """Scale all learning rates to `factor` of their base."""
    for optimizer in pair:
        for group in optimizer.param_groups:
            group["lr"] = group["base_lr"] * factor
