"""What broke in a run: named, pointed at over the picture, with how sure the check is.

Long: every part of that section of Runs.
"""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.checks import CHECKS
from core.errors import DecisionRefused
from core.images.annotate import INK, figure
from core.records import Arm, Box, MeasurementStatus, Outcome, Region, SelfTest
from tests.db.damage import DAMAGE, a_render
from tests.pages.conftest import fine, insist, tables_of, words
from tests.world import SUITE, finish, judge, make_world, measurement, request_run, verdict

RUNS = "engineers/runs.py"
WHY = "weights missing: alexnet.safetensors"


def broken_line(pair, now, **changes):
    """The candidate's line is read wrong, in a box that is known."""
    region = Region(box=Box(8, 20, 30, 10), label="«SALE NQW»", arm=Arm.CANDIDATE)
    said = {
        "check": "typography",
        "metric": "exact",
        "arm": Arm.CANDIDATE,
        "subject": "SALE NOW",
        "value": 0.0,
        "unit": "yes/no",
        "higher_is_better": True,
        "reason": "expected «SALE NOW», read «SALE NQW»; 1 of 7 letters, 12–15 px tier",
        "regions": (region,),
        "raw": {"score": 0.97, "letter_height_px": 12},
    }
    return measurement(pair, now, **{**said, **changes})


def self_test(now, **changes):
    passed = {"hit_rate": 1.0, "false_alarm_rate": 0.0, "trusted": True, "reason": "as promised", **changes}
    return SelfTest(check="typography", version="1", created_at=now, **passed)


@pytest.fixture
def world(store, now):
    world = make_world(store, now)
    store.measurements.append([broken_line(world.pairs[0], now)])
    store.selftests.save([self_test(now)])
    return world


def test_a_broken_pair_is_listed_and_shown_with_reason_and_certainty_once_it_is_judged(
    open_page, world, store
):
    judge(world, "ana", Outcome.BASELINE)
    app = fine(open_page(RUNS))
    assert "On the candidate in 1 of 8 pairs" in words(app)
    assert "1 of 7 letters, 12–15 px tier" in words(app)
    assert "finds 100% of known faults, 0% false alarms; letters read with 97%" in words(app)
    assert len(app.image) == 2


def test_a_pair_that_was_not_judged_yet_is_not_spoiled(open_page, world):
    app = fine(open_page(RUNS))
    assert "You have not judged this pair yet" in words(app)
    assert not app.image
    assert "1 of 7 letters" not in tables_of(app)


def test_what_broke_is_shown_on_request_and_then_no_verdict_of_that_reviewer_is_taken(
    open_page, world, store, now
):
    store.measurements.append([broken_line(world.pairs[1], now)])
    app = open_page(RUNS)
    assert "You have not judged these 2 pairs yet" in words(app)
    (switch,) = app.toggle
    assert switch.label == "Show what broke: you can then no longer judge 2 pairs"
    app = insist(app)
    assert "1 of 7 letters" in tables_of(app)
    assert len(app.image) == 2
    for pair in world.pairs[:2]:
        with pytest.raises(DecisionRefused, match="in the run posters"):
            store.reviews.record(verdict(pair, "ana", Outcome.BASELINE, now))
        assert store.reviews.record(verdict(pair, "ben", Outcome.BASELINE, now))
    assert store.reviews.record(verdict(world.pairs[2], "ana", Outcome.BASELINE, now))
    assert "You have not judged" not in words(fine(open_page(RUNS)))


def test_what_broke_in_a_judged_pair_is_shown_at_once_and_its_verdict_stays(open_page, world, store, now):
    store.measurements.append([broken_line(world.pairs[2], now)])
    judge(world, "ana", {world.pairs[0].case_name: Outcome.BASELINE})
    app = fine(open_page(RUNS))
    assert "sale-now" in tables_of(app).split("What broke on the candidate")[1]
    assert "star" not in tables_of(app).split("What broke on the candidate")[1]
    (cast,) = store.reviews.current(pair_id=world.pairs[0].id)
    with pytest.raises(DecisionRefused, match="names were shown for this verdict"):
        store.reviews.undo("u1", cast.uuid, "ana", now)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_picture_whose_file_lies_is_named_in_its_place_and_the_findings_stand(
    open_page, world, store, damage
):
    judge(world, "ana", Outcome.BASELINE)
    DAMAGE[damage](store.blobs.path(a_render(world).digest))
    app = open_page(RUNS)
    (said,) = app.error
    title = "A stored picture is missing" if damage == "missing" else "A stored picture is damaged"
    assert (said.title, world.pairs[0].id in said.value.replace("\\", "")) == (title, True)
    assert "SALE NQW" in words(app)


def test_a_run_in_which_nothing_broke_says_so(open_page, store, now):
    make_world(store, now)
    assert "No check has found anything that is wrong" in words(fine(open_page(RUNS)))


def test_two_letter_heights_make_a_curve_and_one_makes_none(open_page, world, store, now):
    assert "Lettering by its size" not in words(fine(open_page(RUNS)))
    large = broken_line(world.pairs[1], now, raw={"letter_height_px": 24}, value=1.0)
    store.measurements.append([large])
    assert "Lettering by its size" in words(fine(open_page(RUNS)))


def one_picture_a_case(case, seed, arm):
    """A model that answers every seed of a case with the same picture."""
    return Image.new("RGB", (case.width, case.height), (9 * len(case.prompt), 90, 20))


def shows_something(pair, now, arm=Arm.CANDIDATE, **changes):
    """What *blank* found on one arm; its fingerprint is that of all others."""
    said = {"value": 0.0, "unit": "yes/no", "reason": "shows something", "raw": {"fingerprint": "f0"}}
    return measurement(pair, now, check="blank", metric="empty", arm=arm, **{**said, **changes})


def repeated(app):
    """The warnings about the same picture, by title."""
    return {w.proto.title: w.value.replace("\\", "") for w in app.warning if "picture" in w.proto.title}


def test_pairs_that_drew_equal_pixels_are_named(open_page, store, now, monkeypatch):
    monkeypatch.setattr("tests.world.picture", one_picture_a_case)
    world = make_world(store, now)
    assert repeated(fine(open_page(RUNS))) == {}, "it names an arm of pictures that are still to be judged"
    judge(world, "ana", Outcome.TIE)
    said = repeated(fine(open_page(RUNS)))
    assert list(said) == [f"The {arm} drew the same picture more than once" for arm in Arm]
    assert all("sale-now, seed 1 = sale-now, seed 2" in words for words in said.values())


def test_pictures_whose_thumbnails_alone_are_equal_are_not_called_the_same(open_page, store, now):
    world = make_world(store, now)
    store.measurements.append(shows_something(pair, now) for pair in world.pairs)
    assert "look alike" not in words(fine(open_page(RUNS)))
    judge(world, "ana", Outcome.TIE)
    app = fine(open_page(RUNS))
    assert repeated(app) == {}
    assert "On the candidate some pictures of one case look alike whatever the seed" in words(app)
    assert "star, seed 1 and star, seed 2" in words(app)


def test_one_case_that_looks_alike_among_many_is_not_told(open_page, store, now):
    many = replace(SUITE, cases=tuple(replace(SUITE.cases[0], name=f"poster-{n}") for n in range(6)))
    world = make_world(store, now, suite=many)
    store.measurements.append(shows_something(pair, now) for pair in world.pairs[:2])
    app = fine(open_page(RUNS))
    assert (repeated(app), "look alike" in words(app)) == ({}, False)


def test_what_could_not_run_is_one_quiet_line_and_breaks_no_pair(open_page, store, now):
    world = make_world(store, now)
    missing = f"LPIPS {WHY}; run `sidegrade weights fetch`"
    store.measurements.append(
        measurement(pair, now, status=MeasurementStatus.ERROR, value=None, reason=missing, metric=metric)
        for pair in world.pairs
        for metric in ("lpips", "lpips_other_seed")
    )
    said = words(fine(open_page(RUNS)))
    assert "No check has found anything that is wrong" in said
    assert "On the candidate in" not in said
    line = f"LPIPS did not run here ({WHY}): run `sidegrade weights fetch`."
    assert said.count(f"{line} 8 pairs.") == 1


def test_real_faults_are_counted_without_what_could_not_run(open_page, world, store, now):
    error = {"status": MeasurementStatus.ERROR, "value": None, "reason": "no weights"}
    store.measurements.append(measurement(pair, now, **error) for pair in world.pairs)
    said = words(fine(open_page(RUNS)))
    assert "On the candidate in 1 of 8 pairs" in said
    assert "LPIPS did not run here (no weights). 8 pairs." in said


def test_a_check_that_told_something_else_names_what_it_could_not_tell(open_page, store, now):
    world = make_world(store, now)
    second = {"metric": "lpips_vgg", "value": None, "reason": "LPIPS weights missing: vgg.safetensors; fetch"}
    store.measurements.append(
        [
            measurement(world.pairs[0], now),
            measurement(world.pairs[0], now, status=MeasurementStatus.ERROR, **second),
        ]
    )
    said = words(fine(open_page(RUNS)))
    assert "LPIPS did not run here" not in said
    assert f"LPIPS did not tell here: {CHECKS['lpips'].metrics['lpips_vgg'].title} (" in said


def test_a_picture_that_never_came_is_told_as_a_failure_and_as_no_finding(open_page, store, now):
    request_run(store, now)
    jobs = store.jobs.claim("worker-1", limit=100, lease_seconds=60)
    for job in jobs:
        finish(store, job, now, failing=Arm.CANDIDATE)
    no_image = {"status": MeasurementStatus.ERROR, "value": None, "reason": "candidate has no image"}
    pairs = [store.pairs.get(job.subject_id) for job in jobs]
    store.measurements.append(
        measurement(pair, now, check=check, metric=metric, arm=arm, **no_image)
        for pair in pairs
        for check, metric, arm in [("lpips", "lpips", None), ("blank", "empty", Arm.CANDIDATE)]
    )
    app = fine(open_page(RUNS))
    assert [error.proto.title for error in app.error] == ["OutOfMemory\\: 8 renders"]
    assert "On the candidate in" not in words(app)
    assert "did not run here" not in words(app)


def test_before_anything_was_examined_the_page_does_not_say_that_nothing_is_wrong(open_page, store, now):
    request_run(store, now)
    said = words(fine(open_page(RUNS)))
    assert "Nothing has been examined yet" in said
    assert "No check has found anything" not in said


def test_the_figure_keeps_the_picture_and_draws_around_the_box():
    render = Image.new("RGBA", (128, 64), (0, 90, 200, 255))
    drawn = np.asarray(Image.open(io.BytesIO(figure(render, [(1, Box(40, 20, 10, 10))]))))
    assert drawn.shape == (256, 512, 3)
    assert (drawn[80:120, 160:200] == (0, 90, 200)).all()
    assert (drawn[78, 160:200] == INK[:3]).all()
