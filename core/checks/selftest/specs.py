"""How each check is tested: the trials it is put to, what counts as noticing, and what it promises.

The thresholds below belong to these drawings alone: they say what "the check noticed" means on a fault that
every viewer sees. Thresholds for real pictures stand in policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.checks.selftest import trials
from core.checks.selftest.trials import Trial
from core.records import Arm, Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTestSpec:
    """How a check is tested, and what it promises."""

    trials: Callable[[], Iterator[Trial]]
    noticed: Callable[[Sequence[Measurement]], bool | None]
    """Whether the check raised an alarm on a pair; None: it could not tell, as with ambiguous glyphs."""
    least_hits: float
    most_false_alarms: float


def value(found: Sequence[Measurement], metric: str, arm: Arm | None = None) -> float:
    """The value of a metric; NaN, which no threshold is passed by, where it was not measured."""
    values = [m.value for m in found if m.metric == metric and m.arm is arm and m.value is not None]
    return values[0] if values else float("nan")


def _typography_noticed(found: Sequence[Measurement]) -> bool | None:
    if value(found, "regressions") > 0:
        return True
    told = [m for m in found if m.metric == "exact" and m.value is not None]
    return False if len(told) == len(Arm) else None


SELF_TESTS: dict[str, SelfTestSpec] = {
    "contract": SelfTestSpec(
        trials=trials.contract_trials,
        noticed=lambda found: value(found, "breaches", Arm.CANDIDATE) > 0,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "alpha": SelfTestSpec(
        trials=trials.alpha_trials,
        noticed=lambda found: value(found, "faults", Arm.CANDIDATE) > 0,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "typography": SelfTestSpec(
        trials=trials.typography_trials, noticed=_typography_noticed, least_hits=0.95, most_false_alarms=0.02
    ),
    "second_reader": SelfTestSpec(
        trials=trials.second_reader_trials,
        noticed=lambda found: value(found, "readers_agree", Arm.CANDIDATE) == 0,
        least_hits=0.0,
        most_false_alarms=0.1,
    ),
    "lpips": SelfTestSpec(
        trials=trials.scene_trials,
        noticed=lambda found: value(found, "lpips") > 0.05,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "stlpips": SelfTestSpec(
        trials=trials.scene_trials,
        noticed=lambda found: value(found, "stlpips") > 0.05,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "flip": SelfTestSpec(
        trials=trials.scene_trials,
        noticed=lambda found: value(found, "flip") > 0.03,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "ssim": SelfTestSpec(
        trials=trials.scene_trials,
        noticed=lambda found: value(found, "ssim") < 0.995,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "colour": SelfTestSpec(
        trials=trials.colour_trials,
        noticed=lambda found: value(found, "delta_e") > 5 or value(found, "edge_energy_ratio") < 0.7,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "gamut": SelfTestSpec(
        trials=trials.gamut_trials,
        noticed=lambda found: value(found, "gamut_ratio") < 0.5,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "composition": SelfTestSpec(
        trials=trials.composition_trials,
        noticed=lambda found: value(found, "size_parity") == 0 or value(found, "centre_shift") > 0.05,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "blank": SelfTestSpec(
        trials=trials.blank_trials,
        noticed=lambda found: value(found, "empty", Arm.CANDIDATE) == 1,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "banding": SelfTestSpec(
        trials=trials.banding_trials,
        noticed=lambda found: value(found, "banding", Arm.CANDIDATE) > 0.2,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
    "edits": SelfTestSpec(
        trials=trials.edit_trials,
        noticed=lambda found: value(found, "outside_changed", Arm.CANDIDATE) > 0,
        least_hits=1.0,
        most_false_alarms=0.0,
    ),
}
"""Check → its self-test."""
