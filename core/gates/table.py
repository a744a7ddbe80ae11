"""Every gate rule on one page: its name in a policy, how its settings are read, and how it judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.config.toml_tables import Table
from core.gates import (
    alpha,
    canary,
    contract,
    latency,
    panel,
    perceptual,
    preference,
    quality,
    shows,
    typography,
)
from core.gates.judgement import Judgement
from core.gates.outcomes import BLANK
from core.gates.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to judge evidence."""

    title: str
    read: Callable[[Table], Any]
    """The settings of a policy's gate; refuses what is missing or out of range."""
    judge: Callable[[Any, Scope, str], Judgement]
    """Settings, evidence and the gate's title → the judgement."""
    checks: tuple[str, ...] = ()
    """The checks whose measurements it asks for."""
    only_guards: bool = False
    """Can find harm and nothing else, so a policy may not require its success."""


GATES: dict[str, Rule] = {
    "shows": Rule(title="Picture content", read=shows.read, judge=shows.judge, checks=(BLANK,)),
    "contract": Rule(
        title="Contract", read=contract.read, judge=contract.judge_contract, checks=(contract.CHECK,)
    ),
    "delivery": Rule(title="Delivery", read=contract.read, judge=contract.judge_delivery),
    "alpha": Rule(title="Transparency", read=alpha.read, judge=alpha.judge, checks=(alpha.CHECK, BLANK)),
    "typography": Rule(
        title="Text", read=typography.read, judge=typography.judge, checks=(typography.CHECK, BLANK)
    ),
    "perceptual": Rule(
        title="Same pictures",
        read=perceptual.read,
        judge=perceptual.judge,
        checks=tuple(perceptual.METRICS.values()),
    ),
    "latency": Rule(title="Latency", read=latency.read, judge=latency.judge_median),
    "tail": Rule(title="Slowest requests", read=latency.read_tail, judge=latency.judge_tail),
    "cost": Rule(title="Cost", read=latency.read_cost, judge=latency.judge_cost),
    "preference": Rule(title="Preference", read=preference.read, judge=preference.judge),
    "panel": Rule(title="Panel", read=panel.read, judge=panel.judge),
    "quality": Rule(title="Absolute quality", read=quality.read, judge=quality.judge),
    "slices": Rule(
        title="Kinds of cases",
        read=quality.read_slices,
        judge=quality.judge_slices,
        only_guards=True,
    ),
    "canary": Rule(title="Live errors", read=canary.read, judge=canary.judge),
}
