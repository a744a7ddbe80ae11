"""Figures of every statistic over small fixed inputs: what a person who signed was shown stays what it was.

Parity with other packages is proved beside this; here stand the choices that no package knows: stakes,
weights, resamples, seeds, and what a simulated panel is made of. After a meant change::

    python -m tests.core.decisions.known_values

writes ``known_values.json`` anew; read its difference before you commit it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.decisions import (
    agreement,
    canary,
    forecast,
    latency,
    losses,
    panel,
    preference,
    proportions,
    ranking,
)
from core.decisions.losses import AtRisk
from core.decisions.preference import PreferencePlan

STORED: Final = Path(__file__).with_name("known_values.json")
NAN: Final = math.nan
WON: Final = [1.0, 0.5, 1.0, 0.0, 1.0, 0.5, 1.0, 0.5, 0.0, 1.0]
EVEN: Final = [1.0, 0.0, 0.5, 0.0, 0.5, 1.0]
LOST: Final = [0.0, 0.5, 0.0, 0.0, 1.0]
PLAN: Final = PreferencePlan(planned_units=120)
THREE: Final = PreferencePlan(planned_units=60, verdicts_per_unit=3)
TIMINGS: Final = [
    latency.Timing(f"prompt {n}", 400.0 + n, (400 + n) * (0.9 + 0.03 * (n * 7 % 11)) if n % 9 else None)
    for n in range(1, 25)
    for _ in range(2)
]
SEEDS: Final = [AtRisk(3, 0, 0)] * 20 + [AtRisk(0, 0, 3)] * 2 + [AtRisk(2, 1, 0)] * 2 + [AtRisk(1, 1, 1)]


def written() -> dict[str, Any]:
    """Every figure by what it is of; numbers to six digits, what is infinite or unknown as a word."""
    found = {
        **_preference(),
        **_forecasts(),
        **_panels(),
        **_timings(),
        **_shares(),
        **_reviewers(),
        **_live(),
    }
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool | np.bool_):
        return value if not isinstance(value, np.bool_) else bool(value)
    if isinstance(value, Iterable):
        return [_plain(one) for one in value]
    number = float(value)
    return float(f"{number:.6g}") if math.isfinite(number) else str(number)


def _preference() -> dict[str, Any]:
    rows = {"won": WON * 4, "even": EVEN * 4, "lost": LOST * 4, "with gaps": [NAN, *WON * 4, NAN, NAN]}
    return {
        "a plan by itself": asdict(PreferencePlan(planned_units=1)),
        **{
            f"stakes against {reference} with {votes} verdicts": preference.bets(reference, votes)
            for reference in (0.425, 0.5, 0.575)
            for votes in (1, 2, 3)
        },
        **{f"interval of {name}": preference.score_interval(row, PLAN) for name, row in rows.items()},
        **{
            f"interval of {name}, by three": preference.score_interval(row, THREE)
            for name, row in rows.items()
        },
        **{f"end of {name}": preference.decide(row * 3, PLAN) for name, row in rows.items()},
        **{
            f"wealth of {name}": [
                preference.log_wealth_above(row, 0.5)[-1],
                preference.log_wealth_below(row, 0.575, 2)[-1],
            ]
            for name, row in rows.items()
        },
    }


def _forecasts() -> dict[str, Any]:
    return {
        "forecast of nothing": forecast.forecast([], PLAN),
        "forecast of won": forecast.forecast(WON * 2, PLAN),
        "forecast of even": forecast.forecast(EVEN * 4, PLAN),
        "forecast of lost": forecast.forecast(LOST, PLAN),
        "forecast with gaps": forecast.forecast([NAN, 1.0, 1.0, NAN, 1.0], PLAN),
        "futures and resamples": [forecast.FUTURES, latency.RESAMPLES],
        "forecast by another seed": forecast.forecast(WON * 2, PLAN, seed=1),
    }


def _panels() -> dict[str, Any]:
    def sums(votes: int, reviewers: panel.Panel = panel.PANEL) -> list[float]:
        rng = np.random.default_rng(3)
        drawn = panel.simulate(reviewers, decisive_share=0.6, rollouts=4, units=30, votes=votes, rng=rng)
        return [*drawn.scores.sum(axis=(1, 2)), *drawn.reviewer[0, :4].ravel()]

    return {
        "the panel": asdict(panel.PANEL),
        "spread of the panel": panel.PANEL.total_spread,
        "shares to plan for": panel.SHARES_TO_PLAN_FOR,
        "verdicts of the panel": sums(1),
        "verdicts of the panel, three a case": sums(3),
        "verdicts of random tastes": sums(2, panel.Panel(random_tastes=True, reviewers=3, taste_spread=0.5)),
        "power at 60": panel.power(PLAN, 0.60, rollouts=60),
        "power at 60 with a veto": panel.power(PLAN, 0.60, veto_alpha=0.05, rollouts=60),
        "power at 70, three a case": panel.power(THREE, 0.70, rollouts=40, seed=5),
    }


def _timings() -> dict[str, Any]:
    by = {"percentile": 0.8, "level": 0.9}
    return {
        "typical ratio": latency.median_ratio(TIMINGS, level=0.9),
        "ratio of the slowest": latency.percentile_ratio(TIMINGS, **by, seed=7),
        "ratio of the slowest, few resamples": latency.percentile_ratio(TIMINGS, **by, seed=7, resamples=9),
        "depths": [latency.signed_rank_depth(n, 0.9) for n in range(12)],
        "means of pairs": latency.walsh_averages(np.array([3.0, 1.0, 2.5])),
    }


def _shares() -> dict[str, Any]:
    return {
        **{
            f"{of} of {total}": [
                *proportions.wilson(of, total, level=0.9),
                *proportions.clopper_pearson(of, total, level=0.9),
                proportions.clopper_pearson_lower(of, total, confidence=0.95),
            ]
            for of, total in ((0, 0), (0, 9), (1, 1), (4, 9), (9, 9))
        },
        "net loss": losses.loss_bounds(SEEDS, level=0.9),
        "seeds of a case": losses.design_effect(SEEDS),
        "seeds of a case without a difference": losses.design_effect([AtRisk(3, 0, 0)] * 5),
        "seeds of a case with one loss": losses.design_effect([AtRisk(3, 0, 0)] * 10 + [AtRisk(2, 0, 1)]),
        "half a pair": losses.square_and_add(0.2, 0.1, n=7.5, level=0.9),
        "worths": ranking.bradley_terry([[9, 3, 4], [2, 9, 3], [1, 2, 9]]),
        "one pairing": ranking.davidson(6, 4, 3),
        "one pairing without ties": ranking.davidson(4, 2, 0),
    }


def _reviewers() -> dict[str, Any]:
    sides = {"ada": agreement.Sides(9, 8), "bob": agreement.Sides(17, 2), "cy": agreement.Sides(1, 9)}
    return {
        "low agreement": [agreement.LOW_AGREEMENT, agreement.FEWEST_OVERLAPS],
        "agreement": agreement.krippendorff_alpha(["aab", "bb", "ab", "a", "aaa", "bc"]),
        "sides": agreement.side_bias(sides, alpha=0.01),
        "a lean": agreement.panel_veto([0.6, 0.55, 0.7, 0.52], null_score=0.5, alpha=0.05),
        "two who lean alike": agreement.panel_veto([0.6, 0.6], null_score=0.5, alpha=0.05),
        "two who lean against alike": agreement.panel_veto([0.4, 0.4], null_score=0.5, alpha=0.05),
        "two who do not lean": agreement.panel_veto([0.5, 0.5], null_score=0.5, alpha=0.05),
    }


def _live() -> dict[str, Any]:
    return {
        "evidence of harm": [canary.log_harm_evidence(n, 60, share=0.1) for n in (0, 5, 20)],
        "ratio of errors": [canary.risk_ratio(n, 60, share=0.1) for n in (0, 5)],
        "ratio of errors at most": [
            canary.risk_ratio_upper(n, 60, share=0.1, confidence=0.9) for n in (0, 5)
        ],
        "planned look": canary.fixed_test(300, usual_rate=0.02, ratio=3, alpha=0.05),
        "planned look for rare errors": canary.fixed_test(10, usual_rate=0.001, ratio=3, alpha=0.05),
        "ratios bet on": canary.RISK_RATIOS,
    }


def _text(values: Mapping[str, Any]) -> str:
    """The file's text: a line for each figure."""
    return (
        "{\n"
        + ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in values.items())
        + "\n}\n"
    )


if __name__ == "__main__":
    STORED.write_text(_text(written()), encoding="utf-8")
