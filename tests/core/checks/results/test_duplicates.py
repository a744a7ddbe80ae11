"""Whether pictures of a run are the same is told by their pixels, never by a fingerprint of thumbnails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageDraw

from core.checks.measures.blank import fingerprint
from core.checks.picture import Picture
from core.checks.results.duplicates import look_alikes, same_pixels
from core.digests import pixel_digest
from core.records import Arm, Case, Measurement, Pair, Render, RenderStatus
from tests.world import failed_render, measurement, recipe

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
CASES = [Case(name=name, prompt=f"the word {name}", width=256, height=64) for name in ("hello", "ski", "sun")]


def word(text: str, ink: str, ground: str) -> Image.Image:
    """One word on flat ground."""
    image = Image.new("RGBA", (256, 64), ground)
    ImageDraw.Draw(image).text((100, 26), text, fill=ink)
    return image


HELLO, SKI = word("hello", "ivory", "navy"), word("ski", "orange", "#0000")


def pair_of(case: Case, seed: int = 1) -> Pair:
    return Pair(
        id=f"pair_{case.name}_{seed}",
        run_id="run",
        case_digest=case.digest,
        case_name=case.name,
        seed=seed,
        position=seed,
    )


def render_of(pair: Pair, digest: str, arm: Arm = Arm.BASELINE, prompt: str | None = None) -> Render:
    """A finished render with these pixels."""
    case = next(case for case in CASES if case.digest == pair.case_digest)
    asked = recipe(case, pair.seed, arm)
    return replace(
        failed_render(pair, case, arm, NOW),
        status=RenderStatus.DONE,
        failure=None,
        digest=digest,
        recipe=replace(asked, prompt=prompt or asked.prompt),
    )


def looked_at(pair: Pair, hash_: str, *, empty: float = 0.0, arm: Arm = Arm.BASELINE) -> Measurement:
    """What *blank* stores of a picture."""
    return measurement(
        pair, NOW, check="blank", metric="empty", arm=arm, value=empty, raw={"fingerprint": hash_}
    )


def test_two_words_that_share_a_fingerprint_are_not_the_same_picture() -> None:
    pairs, images = [pair_of(case) for case in CASES[:2]], [HELLO, SKI]
    hashes = [fingerprint(Picture(image)) for image in images]
    assert hashes[0] == hashes[1], "thumbnails cannot tell them apart"
    renders = [render_of(p, pixel_digest(image)) for p, image in zip(pairs, images, strict=True)]
    found = [looked_at(p, hash_) for p, hash_ in zip(pairs, hashes, strict=True)]
    assert same_pixels(renders, found, arm=Arm.BASELINE) == []
    assert look_alikes(pairs, found, arm=Arm.BASELINE) == []


def test_equal_pixels_of_different_pairs_are_the_same_picture_on_that_arm_alone() -> None:
    pairs = [pair_of(case) for case in CASES]
    renders = [render_of(p, digest) for p, digest in zip(pairs, ("one", "one", "two"), strict=True)]
    renders += [render_of(p, "one", Arm.CANDIDATE) for p in pairs[2:]]
    assert same_pixels(renders, [], arm=Arm.BASELINE) == [("pair_hello_1", "pair_ski_1")]
    assert same_pixels(renders, [], arm=Arm.CANDIDATE) == []


def test_pictures_that_show_nothing_and_renders_that_failed_are_no_same_picture() -> None:
    pairs = [pair_of(case) for case in CASES]
    flat = [render_of(p, "flat") for p in pairs]
    assert same_pixels(flat, [looked_at(p, "0", empty=1.0) for p in pairs], arm=Arm.BASELINE) == []
    assert len(same_pixels(flat, [looked_at(p, "0") for p in pairs], arm=Arm.BASELINE)) == 1
    failed = [replace(r, status=RenderStatus.FAILED) for r in flat]
    assert same_pixels(failed, [], arm=Arm.BASELINE) == []


def test_one_request_in_two_cases_may_well_give_one_picture() -> None:
    pairs = [pair_of(case) for case in CASES[:2]]
    renders = [render_of(p, "one", prompt="a star") for p in pairs]
    assert same_pixels(renders, [], arm=Arm.BASELINE) == []


@pytest.mark.parametrize(("alike", "told"), [(2, False), (3, True), (10, True)])
def test_seeds_of_one_case_look_alike_only_when_they_are_more_than_a_fifth_of_the_run(
    alike: int, told: bool
) -> None:
    pairs = [pair_of(CASES[0], seed) for seed in range(10)]
    found = [looked_at(p, "f" if place < alike else str(place)) for place, p in enumerate(pairs)]
    groups = look_alikes(pairs, found, arm=Arm.BASELINE)
    assert groups == ([tuple(sorted(p.id for p in pairs[:alike]))] if told else [])
    assert look_alikes(pairs, found, arm=Arm.BASELINE, same=groups) == []


def test_pictures_of_different_cases_never_look_alike() -> None:
    pairs = [pair_of(case) for case in CASES]
    found = [looked_at(p, "f") for p in pairs]
    assert look_alikes(pairs, found, arm=Arm.BASELINE) == []


def test_groups_of_one_run_come_largest_first_and_name_their_pairs_in_order() -> None:
    pairs = [pair_of(case, seed) for case in CASES for seed in (2, 1)]
    renders = [
        render_of(p, digest, prompt=f"of {p.id}")
        for p, digest in zip(pairs, ("two", "two", "three", "three", "three", "one"), strict=True)
    ]
    assert same_pixels(renders, [], arm=Arm.BASELINE) == [
        ("pair_ski_1", "pair_ski_2", "pair_sun_2"),
        ("pair_hello_1", "pair_hello_2"),
    ]
    unknown = [replace(render, digest=None) for render in renders]
    assert same_pixels(unknown, [], arm=Arm.BASELINE) == []


def test_only_pictures_of_that_arm_and_run_that_show_something_look_alike() -> None:
    pairs = [pair_of(CASES[0], seed) for seed in range(4)]
    found = [looked_at(p, "f") for p in pairs]
    whole = [tuple(p.id for p in pairs)]
    assert look_alikes(pairs, found, arm=Arm.BASELINE) == whole
    assert look_alikes(pairs, found, arm=Arm.CANDIDATE) == []
    assert look_alikes(pairs, [looked_at(p, "f", empty=1.0) for p in pairs], arm=Arm.BASELINE) == []
    assert look_alikes(pairs[:3], found, arm=Arm.BASELINE) == [whole[0][:3]]
    unmeasured = [replace(m, raw={}) for m in found]
    assert look_alikes(pairs, unmeasured, arm=Arm.BASELINE) == []
    other = [replace(m, metric="identical") for m in found]
    assert look_alikes(pairs, other, arm=Arm.BASELINE) == []


def test_a_group_that_is_told_already_is_left_out_and_a_larger_one_is_not() -> None:
    pairs = [pair_of(CASES[0], seed) for seed in range(4)]
    found, ids = [looked_at(p, "f") for p in pairs], tuple(p.id for p in pairs)
    assert look_alikes(pairs, found, arm=Arm.BASELINE, same=[ids]) == []
    assert look_alikes(pairs, found, arm=Arm.BASELINE, same=[ids[:2]]) == [ids]
