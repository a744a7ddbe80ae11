"""The Models page: what is declared, whether its files are here, how far the checks can be trusted."""

from __future__ import annotations

from core.records import Arm, SelfTest
from tests.pages.conftest import fine, words
from tests.world import finish, request_run

MODELS = "engineers/models.py"


def test_every_declared_model_shows_what_it_promises(open_page):
    app = fine(open_page(MODELS))
    headers = [header.value for header in app.header]
    assert "Letterpress 2" in headers
    assert "RGBA, 8 bits a channel, PNG" in words(app)


def test_a_model_whose_files_are_elsewhere_says_how_to_fetch_them(open_page):
    app = fine(open_page(MODELS))
    assert "sidegrade models fetch sd35-medium" in words(app)
    assert app.error[0].proto.title == "ModelUnavailable"


def test_a_model_tells_how_its_renders_went(open_page, store, now):
    request_run(store, now)
    for place, job in enumerate(store.jobs.claim("worker-1", limit=100, lease_seconds=60)):
        finish(store, job, now, failing=Arm.CANDIDATE if place < 3 else None)
    said = words(fine(open_page(MODELS)))
    assert "letterpress-2 · embedded · posters · alpha · 8 renders, 3 OutOfMemory" in said
    assert "8 renders, none failed" in said
    assert "has drawn nothing yet" in said


def test_a_broken_declaration_is_refused_with_its_line_and_key(open_page, tmp_path, monkeypatch):
    broken = tmp_path / "models.toml"
    broken.write_text('[models.one]\nsource = "models/letterpress"\nsteps = 8\n')
    monkeypatch.setenv("SIDEGRADE_MODELS", str(broken))
    assert "steps" in words(fine(open_page(MODELS)))


def test_one_bad_model_is_one_card_that_says_what_is_wrong(open_page, tmp_path, monkeypatch):
    head = '[models.{0}]\nbackend = "{1}"\nsource = "{0}"\nnum_inference_steps = 1\nguidance_scale = 1\n'
    contract = '[models.{0}.contract]\nmode = "RGB"\n'
    rows = (("hollow", "diffusers"), ("away", "diffusers"), ("drawer", "drawing"))
    (tmp_path / "models.toml").write_text("".join((head + contract).format(*row) for row in rows))
    monkeypatch.setenv("SIDEGRADE_MODELS", str(tmp_path / "models.toml"))
    (tmp_path / "hollow" / "vae").mkdir(parents=True)
    (tmp_path / "hollow" / "model_index.json").write_text("{}")
    (tmp_path / "hollow" / "vae" / "config.json").symlink_to("/dev/zero")
    app = fine(open_page(MODELS))
    assert [header.value for header in app.header][:3] == ["hollow", "away", "drawer"]
    said = words(app)
    assert "hollow: vae/config.json: expected a file, found a device" in said
    assert said.index("files are refused") < said.index("files are not here") < said.index("files are here")


def test_a_check_that_failed_its_self_test_is_not_trusted(open_page, store, now):
    test = SelfTest(
        check="typography", version="1", hit_rate=0.4, false_alarm_rate=0.1, trusted=False,
        reason="reads 40% of perfect drawings", created_at=now,
    )  # fmt: skip
    store.selftests.save([test])
    app = fine(open_page(MODELS))
    assert "reads 40% of perfect drawings" in words(app)
    assert ":orange[:material/block: no]" in words(app)
