"""The doctor says of each thing that it is fine, or what to do; so do the lists of models and weights."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from core.errors import CheckUnavailable
from core.records import SelfTest
from db.store import Store
from tests.cli.conftest import Sidegrade
from tests.world import make_world

MODELS = """
[models.drawer]
backend = "drawing"
num_inference_steps = 1
guidance_scale = 1.0
[models.drawer.contract]
mode = "RGB"

[models.gone]
source = "nowhere"
num_inference_steps = 1
guidance_scale = 1.0
[models.gone.contract]
mode = "RGB"
"""


@pytest.fixture(autouse=True)
def _own_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text(MODELS)
    monkeypatch.setenv("SIDEGRADE_MODELS", str(tmp_path / "models.toml"))
    monkeypatch.delenv("SIDEGRADE_LPIPS_WEIGHTS", raising=False)


def test_every_line_is_fine_or_says_what_to_do(sidegrade: Sidegrade) -> None:
    said = sidegrade("doctor")
    lines = {line["name"]: line for line in said.document["lines"]}
    assert lines.keys() == {"device", "models", "weights", "OCR", "fonts", "disk", "database", "pictures"}
    assert all(lines[name]["ok"] for name in ("device", "OCR", "fonts", "disk", "database"))
    assert not lines["weights"]["ok"]
    assert "sidegrade weights fetch" in lines["weights"]["failure"]["remedy"]
    assert "not fetched: gone" in lines["models"]["says"]
    assert (said.code, said.document["healthy"]) == (1, False)


def test_a_file_that_is_no_database_is_told_from_a_healthy_one(sidegrade: Sidegrade, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "sidegrade.db").write_bytes(b"this is no database" * 100)
    line = next(line for line in sidegrade("doctor").document["lines"] if line["name"] == "database")
    assert (line["ok"], line["failure"]["error"]) == (False, "StoreError")
    assert line["failure"]["remedy"]


def test_a_database_with_damaged_pages_is_not_called_fine_and_no_worker_starts_on_it(
    sidegrade: Sidegrade, store: Store, tmp_path: Path, now: datetime
) -> None:
    make_world(store, now)
    store.close()
    file = tmp_path / "home" / "sidegrade.db"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    file.write_bytes(content)
    line = next(line for line in sidegrade("doctor").document["lines"] if line["name"] == "database")
    assert (line["ok"], line["failure"]["error"]) == (False, "DatabaseDamaged")
    assert "sidegrade restore" in line["failure"]["remedy"]
    refused = sidegrade("worker")
    assert (refused.code, refused.document["error"]) == (1, "DatabaseDamaged")


def test_self_tests_are_kept_and_a_check_that_fails_them_is_not_healthy(
    sidegrade: Sidegrade, store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = SelfTest(
        check="typography",
        version="1",
        hit_rate=0.5,
        false_alarm_rate=0.0,
        trusted=False,
        reason="found 1 of 2 known faults",
        created_at=now,
    )
    monkeypatch.setattr("core.checks.selftest.run.run_self_tests", lambda *_, **__: [blind])
    said = sidegrade("doctor", "--checks")
    assert said.code == 1
    assert store.selftests.latest() == {"typography": blind}


def test_a_model_that_fits_and_one_that_is_gone_are_told_apart(sidegrade: Sidegrade) -> None:
    said = sidegrade("models", "check")
    fits = {model["model"]: model for model in said.document["models"]}
    assert (said.code, fits["drawer"]["fits"], fits["gone"]["fits"]) == (1, True, False)
    assert fits["gone"]["failure"]["error"] == "ModelUnavailable"
    assert sidegrade("models", "check", "drawer").code == 0


@pytest.mark.timeout(60)
def test_one_bad_model_is_one_row_that_says_what_is_wrong_and_the_others_are_listed(
    sidegrade: Sidegrade, tmp_path: Path
) -> None:
    text = MODELS
    for name, index in (("hollow", '{"_class_name": "StableDiffusionPipeline", "vae": []}'), ("piped", "{}")):
        text += MODELS[MODELS.index("[models.gone]") :].replace("gone", name).replace("nowhere", name)
        (tmp_path / name / "vae").mkdir(parents=True)
        (tmp_path / name / "model_index.json").write_text(index)
    for name, source in (("away", "../away"), ("home", "~nouser/x"), ("nul", "a\\u0000")):
        text += MODELS[MODELS.index("[models.gone]") :].replace("gone", name).replace("nowhere", source)
    (tmp_path / "models.toml").write_text(text)
    os.mkfifo(tmp_path / "piped" / "vae" / "notes.txt")
    (tmp_path / "hollow" / "vae" / "lost.txt").symlink_to("nowhere")
    listed = {row["spec"]["name"]: row["failure"] for row in sidegrade("models", "list").document["models"]}
    assert listed["drawer"] is None
    assert "piped: vae/notes.txt: expected a file, found a pipe" in listed["piped"]["message"]
    assert "hollow: vae/lost.txt: expected a file, found a link to nothing" in listed["hollow"]["message"]
    said = sidegrade("models", "check")
    fits = {row["model"]: row["failure"] for row in said.document["models"]}
    assert said.code == 1
    assert list(fits) == ["drawer", "gone", "hollow", "piped", "away", "home", "nul"]
    assert fits.pop("drawer") is None
    assert all(failure["message"].startswith(f"{name}: ") for name, failure in fits.items())
    assert "hollow: model_index.json: vae" in fits["hollow"]["message"]
    (line,) = (line for line in sidegrade("doctor").document["lines"] if line["name"] == "models")
    assert not line["ok"]
    assert "here: drawer; not fetched: gone, away, home, nul; damaged: hollow: " in line["says"]
    for words in (("contract", "check", "hollow"), ("edits", "hollow")):
        refused = sidegrade(*words)
        assert (refused.code, refused.document["error"]) == (1, "ModelUnavailable"), refused.document


def test_listing_models_says_which_files_are_here(sidegrade: Sidegrade) -> None:
    said = sidegrade("models", "list")
    assert said.code == 0
    assert [(m["spec"]["name"], m["digest"] is None) for m in said.document["models"]] == [
        ("drawer", False),
        ("gone", True),
    ]


def test_a_broken_models_file_is_named_with_its_line(sidegrade: Sidegrade, tmp_path: Path) -> None:
    lines = MODELS.splitlines()
    lines.insert(5, 'dtipe = "float16"')
    (tmp_path / "models.toml").write_text("\n".join(lines))
    said = sidegrade("models", "list")
    assert (said.code, said.document["error"]) == (1, "InvalidFile")
    assert "line 6" in said.document["message"]
    assert "did you mean dtype" in said.document["message"]


def test_contract_check_answers_by_case(sidegrade: Sidegrade) -> None:
    said = sidegrade("contract", "check", "drawer")
    assert (said.code, said.document["kept"]) == (0, True)
    promised = {answer["request"]: answer["promised"] for answer in said.document["answers"]}
    assert promised["largest seed"] == "a picture"
    assert promised["empty prompt"] == "refused as InvalidPrompt"


def test_missing_weights_are_listed_with_their_remedy(sidegrade: Sidegrade) -> None:
    said = sidegrade("weights", "list")
    assert said.code == 0
    assert {row["failure"]["error"] for row in said.document["weights"]} == {CheckUnavailable.__name__}


def test_fetching_an_unknown_net_offers_the_known_ones(sidegrade: Sidegrade) -> None:
    said = sidegrade("weights", "fetch", "alexx")
    assert (said.code, said.document["error"]) == (1, "UnknownName")
    assert "alex" in said.document["message"]
