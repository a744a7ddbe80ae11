"""From finished pairs to a signature, as people go: the command line, the desk's routes, five reviewers.

The pictures are posters drawn by code, worn on one arm; reviewers see nothing but pictures and prompts.

Long: one way from a first run to a decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bench.reviewers import Send, panel, take_turn
from cli.main import run as sidegrade
from core.checks import CHECKS, PairToExamine, card_version, examine
from core.config.models import load_models
from core.config.settings import PROJECT, Settings
from core.digests import content_digest
from core.records import (
    Arm,
    Case,
    ExpectedText,
    Job,
    Measurement,
    Pair,
    Purpose,
    Render,
    RenderStatus,
    Run,
    Suite,
)
from db.store import Store
from pages.routes import all_routes
from pages.routes.context import AppContext
from pages.routes.tokens import TokenClaims, issue_token
from tests import world
from training.grammar import parse, prompt_of
from training.posters import TRANSPARENT, Poster, Style, render

pytestmark = pytest.mark.every_database
POLICY = str(PROJECT / "policies" / "upgrade.toml")
SECRET = "a secret of this test"
CANVAS = (256, 64)
CASES = 60
"""So many transparent cases without a fault refute a loss of 5%."""
A_TURN = 3

Draw = Callable[[Case, Arm], Image.Image]
Answer = dict[str, Any]


@pytest.fixture(autouse=True)
def _sides_that_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is A follows from a seed: else the test would approve equal pictures as often as is promised."""
    draw = Random(1)
    monkeypatch.setattr("db.handouts.SystemRandom", lambda: draw)


@pytest.fixture
def command(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """``command("rollout", "status", run)`` gives the JSON answer, with its exit code as ``exit``."""

    def answered(*words: str) -> Answer:
        code = sidegrade([*words, "--home", str(settings.home), "--json"])
        return {**json.loads(capsys.readouterr().out), "exit": code}

    return answered


@pytest.fixture
def desk_of(store: Store) -> Callable[[str], Send]:
    """The desk's routes in a reviewer's name."""
    app_context = AppContext(store=lambda: store, secret=lambda: SECRET, now=lambda: datetime.now(UTC))
    client = TestClient(Starlette(routes=all_routes(app_context)))

    def desk(reviewer: str) -> Send:
        def send(path: str, body: dict[str, str] | None) -> bytes:
            token = issue_token(SECRET, TokenClaims(reviewer=reviewer, role="reviewer"), datetime.now(UTC))
            method = "GET" if body is None else "POST"
            answer = client.request(method, path, json=body, headers={"authorization": f"Bearer {token}"})
            return answer.raise_for_status().content

        return send

    return desk


def test_a_better_model_is_approved_by_evidence_and_a_second_person(
    store: Store, command: Callable[..., Answer], desk_of: Callable[[str], Send]
) -> None:
    run = finished_run(store, lambda case, arm: poster(case) if arm is Arm.CANDIDATE else worn(case))
    started = command("rollout", "start", run.id, "--policy", POLICY, "--by", "lea")
    assert started["rollout"]["state"] == "collecting"
    status = reviewed_until_decided(run, command, desk_of)
    assert status["rollout"]["state"] == "ready", status["analysis"]["sentence"]
    controls_stay_out_of_the_evidence_and_sides_are_balanced(store, run, status)
    assert command("gate", run.id, "--policy", POLICY)["exit"] == 0
    own = command("rollout", "approve", run.id, "--by", "Lea")
    assert (own["exit"], own["error"]) == (1, "DecisionRefused")
    signed = command("rollout", "approve", run.id, "--by", "max")
    assert (signed["rollout"]["state"], signed["rollout"]["signed_by"]) == ("approved", "max")


def test_a_model_that_lost_its_alpha_channel_is_rejected_whatever_people_prefer(
    store: Store, command: Callable[..., Answer], desk_of: Callable[[str], Send]
) -> None:
    run = finished_run(store, lambda case, arm: on_white(case) if arm is Arm.CANDIDATE else worn(case))
    status = command("rollout", "start", run.id, "--policy", POLICY, "--by", "lea")
    assert status["rollout"]["state"] == "rejected"
    assert f"the alpha channel is gone in {CASES} of {CASES} cases" in status["analysis"]["sentence"]
    cast = sum(take_turn(one, desk_of(one.name), run.id, most=A_TURN) for one in panel(1))
    assert cast == 5 * A_TURN
    later = command("rollout", "status", run.id)
    assert (later["rollout"], later["analysis"]) == (status["rollout"], status["analysis"])
    assert command("gate", run.id, "--policy", POLICY)["exit"] == 1
    assert command("rollout", "approve", run.id, "--by", "max")["error"] == "DecisionRefused"


@pytest.mark.slow
def test_reviewers_of_equal_pictures_approve_nothing(
    store: Store, command: Callable[..., Answer], desk_of: Callable[[str], Send]
) -> None:
    run = finished_run(store, lambda case, arm: poster(case))
    command("rollout", "start", run.id, "--policy", POLICY, "--by", "lea")
    status = reviewed_until_decided(run, command, desk_of)
    assert status["rollout"]["state"] in ("rejected", "inconclusive")
    preference = next(gate for gate in status["analysis"]["results"] if gate["gate"] == "preference")
    assert preference["outcome"] != "successful"


def reviewed_until_decided(
    run: Run, command: Callable[..., Answer], desk_of: Callable[[str], Send]
) -> Answer:
    """Five reviewers take turns until the rollout has left *collecting*."""
    reviewers = panel(1)
    while True:
        status = command("rollout", "status", run.id)
        if status["rollout"]["state"] != "collecting":
            return status
        assert sum(take_turn(one, desk_of(one.name), run.id, most=A_TURN) for one in reviewers)


def controls_stay_out_of_the_evidence_and_sides_are_balanced(store: Store, run: Run, status: Answer) -> None:
    preference = next(gate for gate in status["analysis"]["results"] if gate["gate"] == "preference")
    cast = store.reviews.current(run_id=run.id)
    assert preference["n"] <= sum(verdict.purpose is Purpose.EVIDENCE for verdict in cast) < len(cast)
    for one in panel(1):
        sides = [verdict.side_a for verdict in cast if verdict.reviewer == one.name]
        assert abs(sides.count(Arm.BASELINE) - sides.count(Arm.CANDIDATE)) <= 8


def finished_run(store: Store, draw: Draw) -> Run:
    """A run of transparent strips whose pictures come from ``draw``; contract and alpha are examined."""
    now = datetime.now(UTC)
    store.selftests.save(world.all_proved())
    suite = Suite(name="strips", cases=tuple(strip(number) for number in range(CASES)))
    run = world.request_run(store, now, suite=suite, seeds=(1,))
    for job in store.jobs.claim("worker-1", limit=CASES, lease_seconds=3600):
        finish(store, job, draw, now)
    return run


def strip(number: int) -> Case:
    line = f"ONLY {number}"
    words = Poster(kind="banner", lines=(line,), sizes=("small",), ink="navy", ground=TRANSPARENT)
    return Case(
        name=f"strip-{number}",
        prompt=prompt_of(words),
        width=CANVAS[0],
        height=CANVAS[1],
        expected_text=(ExpectedText(text=line, letter_height_px=14),),
        expects_alpha=True,
    )


def poster(case: Case) -> Image.Image:
    """The strip as its prompt asks for it."""
    pixels = render(parse(case.prompt), Style(), (case.width, case.height))
    return Image.fromarray((255 * pixels).round().astype(np.uint8))


def on_white(case: Case) -> Image.Image:
    """The same without an alpha channel, its ground painted white."""
    page = Image.new("RGBA", CANVAS, "white")
    page.alpha_composite(poster(case))
    return page.convert("RGB")


def worn(case: Case) -> Image.Image:
    """The same with faint patches over its ink."""
    pixels = np.asarray(poster(case)).copy()
    pixels[:, ::3, :3] = pixels[:, ::3, :3] // 2 + 100
    return Image.fromarray(pixels)


def finish(store: Store, job: Job, draw: Draw, now: datetime) -> None:
    pair = store.pairs.get(job.subject_id)
    case = store.suites.case(pair.case_digest)
    images = {arm: draw(case, arm) for arm in Arm}
    renders = [
        Render(
            id=content_digest("render", [pair.id, arm]),
            pair_id=pair.id,
            arm=arm,
            recipe=world.recipe(case, pair.seed, arm),
            status=RenderStatus.DONE,
            digest=store.blobs.put(image).digest,
            mode=image.mode,
            width=image.width,
            height=image.height,
            latency_ms=500.0 + pair.position % (5 if arm is Arm.BASELINE else 7),
            gpu_seconds=0.5,
            created_at=now,
        )
        for arm, image in images.items()
    ]
    measured = [*examined(pair.id, case, images, now), *read_right(pair, case, now)]
    store.jobs.finish_pair(
        job.id, "worker-1", renders=renders, measurements=measured, noise_shared=True, now=now
    )


def examined(pair_id: str, case: Case, images: dict[Arm, Image.Image], now: datetime) -> list[Measurement]:
    """What the product's own checks say of contract and transparency."""
    settings = Settings.from_env({})
    declared = load_models(settings.models_file)
    evidence = PairToExamine(
        pair_id=pair_id,
        case=case,
        baseline=images[Arm.BASELINE],
        candidate=images[Arm.CANDIDATE],
        contracts={arm: declared[name].contract for arm, name in world.MODELS.items()},
    )
    return examine(evidence, checks=("blank", "contract", "alpha"), settings=settings, now=now)


def read_right(pair: Pair, case: Case, now: datetime) -> list[Measurement]:
    """Every line read as written on both arms: reading sixty pairs would take a minute."""
    words = {"check": "typography", "metric": "exact", "value": 1.0, "unit": "", "higher_is_better": True}
    words |= {"reason": "read as expected", "version": card_version(CHECKS["typography"])}
    return [
        world.measurement(pair, now, arm=arm, subject=line.text, **words)
        for arm in Arm
        for line in case.expected_text
    ]
