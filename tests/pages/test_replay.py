"""The Replay page: find any render, by words or by its file, and make it again."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.digests import canonical_json, content_digest
from core.errors import DecisionRefused
from core.recipes.recipe import RECIPE_KEY, png_bytes
from core.records import Arm, JobKind, Outcome, ReplayOutcome, ReplayReport
from tests.pages.conftest import fine, insist, press, tables_of, words
from tests.world import SUITE, judge, make_world, picture, recipe, verdict

REPLAY = "engineers/replay.py"


@pytest.fixture
def render(store, now):
    """The candidate of the world's first pair; ana has judged them all."""
    world = make_world(store, now)
    judge(world, "ana", Outcome.TIE)
    return store.renders.of_pair(world.pairs[0].id)[Arm.CANDIDATE]


@pytest.mark.parametrize("by", ["id", "digest", "pair_id", "case"])
def test_a_render_is_found_by_the_beginning_of_what_one_knows(open_page, render, by):
    known = "sale-now" if by == "case" else getattr(render, by)[:14]
    app = fine(open_page(REPLAY, q=known))
    assert "FlowMatchEulerDiscreteScheduler" in words(app)


def test_a_link_opens_one_render_with_its_recipe_and_its_command(open_page, render):
    app = fine(open_page(REPLAY, render=render.id))
    assert app.get("code")[0].value == f"sidegrade replay {render.id}"


def test_asking_again_queues_one_replay(open_page, store, render):
    app = open_page(REPLAY, render=render.id)
    press(app, "Render it again")
    (job,) = store.jobs.of_subject(render.id)
    assert job.kind is JobKind.REPLAY
    assert fine(app).get("progress")[0].proto.text == "Waiting for a worker"


def test_a_drifted_replay_says_how_far_and_which_field_comes_first(open_page, store, render, now):
    store.replays.save(
        ReplayReport(
            id=content_digest("replay", 1), render_id=render.id, outcome=ReplayOutcome.DRIFTED,
            digest_before=render.digest, digest_after=None, noise_matches=True, max_abs_difference=41,
            mean_abs_difference=3.2, lpips=0.21, differing_fields=("library_versions.torch: 2.12 → 2.13",),
            reason="torch changed", created_at=now,
        )
    )  # fmt: skip
    app = fine(open_page(REPLAY, render=render.id))
    assert app.error[0].proto.title.startswith("Drifted")
    assert "41 of 255" in words(app)
    assert "library_versions.torch: 2.12 → 2.13" in words(app)


def drop(app, content, name="found.png"):
    app.file_uploader[0].upload(name, content)
    return fine(app.run())


def test_a_dropped_file_finds_its_render(open_page, render):
    case = SUITE.cases[0]
    png = png_bytes(picture(case, 1, Arm.CANDIDATE), recipe(case, 1, Arm.CANDIDATE))
    app = drop(open_page(REPLAY), png)
    assert app.get("code")[0].value == f"sidegrade replay {render.id}"


def test_a_dropped_file_from_elsewhere_still_shows_its_recipe(open_page):
    case = SUITE.cases[0]
    app = drop(open_page(REPLAY), png_bytes(picture(case, 99, Arm.BASELINE), recipe(case, 99, Arm.BASELINE)))
    assert "not drawn here" in words(app)


def encoded(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


PNG = encoded(Image.effect_noise((64, 64), 90).convert("RGB"), "PNG")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (PNG, "recipe"),
        (PNG[:900], "truncated"),
        (b"%PDF-1.7 not an image", "PNG, JPEG or WebP"),
        (b"", "empty"),
        (encoded(Image.new("CMYK", (8, 8)), "JPEG"), "CMYK"),
        (encoded(Image.new("I;16", (8, 8)), "PNG"), "I;16"),
        (encoded(Image.new("1", (9000, 9000)), "PNG"), "megapixels"),
    ],
    ids=["without recipe", "truncated", "pdf", "empty", "cmyk", "16 bit", "bomb"],
)
def test_a_file_that_is_no_render_of_ours_is_refused_in_words(open_page, content, told):
    assert told in words(drop(open_page(REPLAY), content))


NAMES = ("letterpress", "FlowMatchEulerDiscreteScheduler", "candidate", "baseline")


def refused(store, pair, now):
    with pytest.raises(DecisionRefused, match="you saw which model drew a picture of this pair"):
        store.reviews.record(verdict(pair, "ana", Outcome.TIE, now))
    return True


@pytest.mark.parametrize("by", ["id", "digest", "pair_id", "case"])
def test_a_picture_that_may_be_judged_blind_is_named_only_on_request(open_page, store, now, by):
    world = make_world(store, now)
    pair = world.pairs[0]
    render = store.renders.of_pair(pair.id)[Arm.CANDIDATE]
    app = fine(open_page(REPLAY, q="sale-now" if by == "case" else getattr(render, by)))
    said = words(app) + tables_of(app)
    assert "yet" in said
    assert not [name for name in NAMES if name in said]
    assert not store.reviews.names_shown(pair.id, "ana")
    app = insist(app)
    assert "letterpress-2" in words(app) + tables_of(app)
    assert refused(store, pair, now)
    assert store.reviews.record(verdict(pair, "ben", Outcome.TIE, now))


def test_a_dropped_file_with_known_pixels_names_them_whatever_recipe_it_carries(open_page, store, now):
    world = make_world(store, now)
    case = SUITE.cases[0]
    drawn_elsewhere = png_bytes(picture(case, 1, Arm.CANDIDATE), recipe(case, 99, Arm.CANDIDATE))
    app = drop(open_page(REPLAY), drawn_elsewhere)
    assert not [name for name in NAMES if name in words(app) + tables_of(app)]
    app = insist(app)
    assert "letterpress-2" in words(app)
    pair = next(one for one in world.pairs if (one.case_name, one.seed) == (case.name, 1))
    assert refused(store, pair, now)


GOOD = json.loads(canonical_json(recipe(SUITE.cases[0], 1, Arm.CANDIDATE)))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000 + "]" * 20_000,
        json.dumps(GOOD | {"seed": 10**400, "guidance_scale": 10**400}),
        json.dumps(GOOD | {"guidance_scale": float("nan")}),
        json.dumps(GOOD | {"scheduler_config": {"shift": float("inf")}}),
        json.dumps(GOOD | {"prompt": "nice \ud83d"}),
        json.dumps(GOOD | {"\ud83d": 1}),
        json.dumps([GOOD]),
    ],
    ids=["nested", "too large", "NaN", "infinity", "half a pair", "half a pair as key", "a list"],
)
def test_a_hostile_recipe_is_refused_in_words_and_the_page_stays(open_page, render, text):
    info = PngInfo()
    info.add_itxt(RECIPE_KEY, text)
    app = drop(open_page(REPLAY, render=render.id), encoded(Image.new("RGB", (8, 8)), "PNG", pnginfo=info))
    assert "expected a whole recipe in the PNG, got a damaged one" in words(app)
    assert "Reviewing as ana" in words(app)
