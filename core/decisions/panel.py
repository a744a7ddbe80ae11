"""A simulated panel of reviewers: what a plan can and cannot detect, before its first verdict.

Each verdict is drawn from a Rao–Kupper model with ties (JASA 62, 1967) on the logit scale: an overall
preference, a prompt effect, an effect of the seed shown, the reviewer's taste and the reviewer's pull
towards one side of the screen, which the random sides cancel out. The spreads are guesses, not fitted to
real designers: log the first rollouts and replace them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root
from scipy.special import expit

from core.decisions.agreement import panel_veto
from core.decisions.preference import ManyDecided, PreferencePlan, decide_many

SHARES_TO_PLAN_FOR: Final = (0.55, 0.60, 0.70)
"""Shares of decisive verdicts for the candidate that a plan is tried on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Who judges, in logits unless said otherwise."""

    reviewers: int = 5
    tie_rate: float = 0.22
    """Share of verdicts that are ties, over all prompts."""
    prompt_spread: float = 1.2
    seed_spread: float = 0.6
    taste_spread: float = 0.25
    random_tastes: bool = False
    """True: tastes are draws from all designers. False: they average out inside this panel, which is what
    the promised error rates are about."""
    side_pull: float = 0.2
    side_pull_spread: float = 0.15

    @property
    def total_spread(self) -> float:
        """Standard deviation of everything that varies between verdicts."""
        sides = self.side_pull**2 + self.side_pull_spread**2
        return math.sqrt(self.prompt_spread**2 + self.seed_spread**2 + self.taste_spread**2 + sides)


PANEL: Final = Panel()
"""Five attentive reviewers: a guess, until real panels have been logged."""


class Verdicts(NamedTuple):
    """Simulated verdicts, arrays of shape (rollouts, units, votes)."""

    scores: NDArray[np.float64]
    """Candidate 1, tie 1/2, baseline 0."""
    reviewer: NDArray[np.int_]


class Power(NamedTuple):
    """How a plan ends for one true preference."""

    decisive_share: float
    approved: float
    rejected: float
    median_verdicts: float


def simulate(
    panel: Panel, *, decisive_share: float, rollouts: int, units: int, votes: int, rng: np.random.Generator
) -> Verdicts:
    """Verdicts of many rollouts in which ``decisive_share`` of the decisive verdicts favour the candidate.

    Reviewers take turns; votes on one unit come from different reviewers and show different seeds.
    """
    preference, tie_width = _calibrated(panel, decisive_share)
    turn = (np.arange(units)[:, None] * votes + np.arange(votes)) % panel.reviewers
    reviewer = np.broadcast_to(turn, (rollouts, units, votes))
    taste = panel.taste_spread * rng.standard_normal((rollouts, panel.reviewers))
    if not panel.random_tastes:
        taste -= taste.mean(axis=1, keepdims=True)
    pull = panel.side_pull + panel.side_pull_spread * rng.standard_normal((rollouts, panel.reviewers))
    side = rng.choice([-1.0, 1.0], size=reviewer.shape)
    logit = preference + panel.prompt_spread * rng.standard_normal((rollouts, units, 1))
    logit = logit + panel.seed_spread * rng.standard_normal(reviewer.shape)
    logit += taste[:, turn] + side * pull[:, turn]
    draw = rng.random(reviewer.shape)
    wins, not_lost = draw < expit(logit - tie_width), draw < 1 - expit(-logit - tie_width)
    return Verdicts((wins.astype(float) + not_lost) / 2, reviewer)


def power(
    plan: PreferencePlan,
    decisive_share: float,
    *,
    veto_alpha: float | None = None,
    panel: Panel = PANEL,
    rollouts: int = 1000,
    seed: int = 0,
) -> Power:
    """How often a plan approves and rejects when ``decisive_share`` is the truth; same seed, same answer.

    Args:
        veto_alpha: approve only if the reviewers, each counted once, lean the same way; None: no such veto.
    """
    verdicts = simulate(
        panel,
        decisive_share=decisive_share,
        rollouts=rollouts,
        units=plan.planned_units,
        votes=plan.verdicts_per_unit,
        rng=np.random.default_rng(seed),
    )
    ends = decide_many(verdicts.scores.mean(axis=-1), plan)
    approved = ends.approved if veto_alpha is None else lean(verdicts, ends, plan, veto_alpha)
    median = float(np.median(ends.unit)) * plan.verdicts_per_unit
    return Power(decisive_share, float(approved.mean()), float(ends.rejected.mean()), median)


def lean(verdicts: Verdicts, ends: ManyDecided, plan: PreferencePlan, veto_alpha: float) -> NDArray[np.bool_]:
    """Which approvals the reviewers carry together, each counted once at the unit that decided."""
    carried = ends.approved.copy()
    for row in np.flatnonzero(ends.approved):
        scores, reviewer = verdicts.scores[row, : ends.unit[row]], verdicts.reviewer[row, : ends.unit[row]]
        means = [float(scores[reviewer == who].mean()) for who in np.unique(reviewer)]
        carried[row] = panel_veto(means, null_score=plan.null_score, alpha=veto_alpha).passed
    return carried


@lru_cache(maxsize=64)
def _calibrated(panel: Panel, decisive_share: float) -> tuple[float, float]:
    """Overall preference and width of the tie zone that give the decisive share and the tie rate."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    spread, weights = panel.total_spread * nodes, weights / weights.sum()

    def misses(parameters: NDArray[np.float64]) -> list[float]:
        preference, tie_width = parameters
        win = float(weights @ expit(preference + spread - tie_width))
        loss = float(weights @ expit(-preference - spread - tie_width))
        return [win / (win + loss) - decisive_share, 1 - win - loss - panel.tie_rate]

    solution = root(misses, [0.0, 0.6], tol=1e-10)
    return float(solution.x[0]), float(solution.x[1])
