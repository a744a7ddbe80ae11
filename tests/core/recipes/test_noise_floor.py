"""The noise floor: what a model may differ from itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.recipes.noise_floor import ROUNDING_LPIPS, NoiseFloor, noise_floor
from core.records import Measurement, MeasurementStatus
from db.store import Store
from services.runs import noise_floor_of


def _lpips(
    value: float | None, now: datetime, status: MeasurementStatus = MeasurementStatus.MEASURED
) -> Measurement:
    return Measurement(
        pair_id="pair",
        check="lpips",
        metric="lpips",
        status=status,
        value=value,
        unit="distance",
        higher_is_better=False,
        reason="",
        version="1",
        created_at=now,
    )


def test_without_a_run_against_itself_only_rounding_is_covered(store: Store) -> None:
    floor = noise_floor_of(store, "model_x")
    assert floor == NoiseFloor()
    assert floor.covers(max_abs_difference=2, lpips=None)
    assert not floor.covers(max_abs_difference=3, lpips=0.0)


def test_the_floor_is_the_largest_distance_of_the_model_to_itself(now: datetime) -> None:
    floor = noise_floor([_lpips(0.01, now), _lpips(0.03, now), _lpips(0.0, now)])
    assert (floor.lpips, floor.pairs) == (0.03, 3)
    assert floor.covers(max_abs_difference=90, lpips=0.03)
    assert not floor.covers(max_abs_difference=90, lpips=0.031)
    assert not floor.covers(max_abs_difference=90, lpips=None)


def test_the_floor_never_sinks_below_rounding_and_never_stands_on_failed_measurements(now: datetime) -> None:
    floor = noise_floor([_lpips(0.0, now), _lpips(None, now, MeasurementStatus.ERROR)])
    assert (floor.lpips, floor.pairs) == (ROUNDING_LPIPS, 1)
    assert noise_floor([_lpips(None, now, MeasurementStatus.ERROR)]) == NoiseFloor()


def test_a_distance_is_told_by_what_the_model_differs_from_itself(now: datetime) -> None:
    seeds = [replace(_lpips(value, now), metric="lpips_other_seed") for value in (0.5, 0.3, 0.4)]
    floor = noise_floor([_lpips(0.0, now), *seeds])
    assert (floor.pairs, floor.other_seeds) == (1, (0.3, 0.4, 0.5))
    assert floor.judge(0.004).startswith("within the noise floor of 0.0050 (measured on 1 pairs)")
    assert "less than another seed makes (0.30 to 0.50, mostly 0.40)" in floor.judge(0.2)
    assert "as much as another seed makes" in floor.judge(0.45)
    assert NoiseFloor().judge(0.2) == "above the noise floor of 0.0050 (rounding alone, never measured)"


def test_a_distance_at_the_floor_is_within_it_and_one_like_another_seeds_is_as_much(now: datetime) -> None:
    assert (ROUNDING_LPIPS, NoiseFloor().max_abs_difference, NoiseFloor().pairs) == (0.005, 2, 0)
    floor = NoiseFloor(lpips=0.03, pairs=4, other_seeds=(0.3, 0.4, 0.5))
    assert floor.judge(0.03).startswith("within the noise floor of 0.0300 (measured on 4 pairs); less than")
    assert floor.judge(0.0301).startswith("above the noise floor of 0.0300")
    assert "less than another seed makes" in floor.judge(0.3999)
    assert "as much as another seed makes (0.30 to 0.50, mostly 0.40)" in floor.judge(0.4)
    assert floor.covers(max_abs_difference=2, lpips=0.9)
    assert not NoiseFloor(lpips=0.03).covers(max_abs_difference=3, lpips=0.0)  # on no pairs


def test_a_floor_stands_on_lpips_alone(now: datetime) -> None:
    others = [replace(_lpips(0.9, now), check="flip"), replace(_lpips(0.9, now), metric="lpips_vgg")]
    assert noise_floor(others) == NoiseFloor()
    failed = replace(_lpips(0.9, now, MeasurementStatus.ERROR), metric="lpips_other_seed")
    assert noise_floor([failed, replace(_lpips(None, now), metric="lpips_other_seed")]).other_seeds == ()
