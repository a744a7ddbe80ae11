"""What `up` asks for and refuses before anything runs; its life as processes stands in test_life.py."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cli.call import Call
from cli.programs import app_program, environment_of
from cli.starter import CANDIDATES, offer_suites, request_starter
from cli.up import first_runs, refuse_taken_port
from core.config.settings import PROJECT, Settings
from core.errors import StartFailed
from db.store import Store

MODEL = """
[models.{name}]
backend = "drawing"
num_inference_steps = 1
guidance_scale = 1.0
[models.{name}.contract]
mode = "RGB"
"""


def call_with(models: list[str], tmp_path: Path) -> Call:
    """A call whose models.toml declares these models."""
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "models.toml").write_text("".join(MODEL.format(name=name) for name in models))
    settings = Settings.from_env({"SIDEGRADE_MODELS": str(tmp_path / "models.toml")}, home=tmp_path / "home")
    return Call(settings=settings, as_json=False, out=sys.stdout)


def test_the_first_start_asks_for_the_starter_suite_and_the_second_for_nothing(
    store: Store, tmp_path: Path
) -> None:
    call = call_with(["letterpress", *CANDIDATES], tmp_path)
    first = request_starter(store, call.settings, store.now())
    runs = [store.runs.get(run) for run in first]
    assert [run.candidate for run in runs] == list(CANDIDATES)
    seeds = [seed for run in runs for seed in run.seeds]
    assert len(seeds) == len(set(seeds)) == 4, "no baseline is drawn twice: it would tell the candidate"
    assert request_starter(store, call.settings, store.now()) == []


def test_a_team_with_other_models_starts_without_the_starter_suite_and_is_told_so(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert first_runs(store, call_with(["house-1"], tmp_path)) == []
    assert "unknown model 'letterpress'" in capsys.readouterr().err


def test_the_pages_are_offered_every_suite_file(store: Store, tmp_path: Path) -> None:
    call = call_with([], tmp_path)
    offer_suites(store, call.settings, store.now())
    files = {path.stem for path in (PROJECT / "suites").glob("*.toml")}
    assert {suite.name for suite in store.suites.list()} == files


def with_suites(call: Call, folder: Path) -> Call:
    """The same call with its own folder of suites."""
    return replace(call, settings=replace(call.settings, suites_folder=folder))


STARTER = (PROJECT / "suites" / "starter.toml").read_bytes()
BROKEN = {
    "cut in half": STARTER[: len(STARTER) // 2],
    "empty": b"",
    "not UTF-8": b'name = "\xff"',
    "nested": b"x = " + b"[" * 20_000,
    "5,000 digits": b"x = " + b"9" * 5_000,
}


@pytest.mark.parametrize("kind", [*BROKEN, "a folder", "a dangling link"])
def test_a_broken_suite_file_costs_no_other_and_says_why(store: Store, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "house.toml"
    if kind == "a folder":
        path.mkdir()
    elif kind == "a dangling link":
        path.symlink_to(tmp_path / "gone")
    else:
        path.write_bytes(BROKEN[kind])
    (tmp_path / "starter.toml").write_bytes(STARTER)
    call = with_suites(call_with([], tmp_path / "home-of-models"), tmp_path)
    (refused,) = offer_suites(store, call.settings, store.now())
    assert "house.toml" in str(refused)
    assert refused.remedy == f"mend {path}, or move it out of the folder"
    assert [suite.name for suite in store.suites.list()] == ["starter"]


@pytest.mark.parametrize("broken", ["starter", "models"])
def test_the_app_starts_without_the_starter_suite_when_it_or_models_toml_is_broken(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    call = with_suites(call_with(["letterpress", *CANDIDATES], tmp_path / "models"), tmp_path)
    (tmp_path / "starter.toml").write_bytes(STARTER)
    path = tmp_path / "starter.toml" if broken == "starter" else call.settings.models_file
    path.write_text("[cut")
    assert first_runs(store, call) == []
    said = capsys.readouterr().err
    assert f"the starter suite is not drawn: InvalidFile: {path.name}" in said
    assert "Traceback" not in said


def test_a_taken_port_is_refused_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed, match=f"cannot listen on 127.0.0.1:{port}") as refused:
            refuse_taken_port("127.0.0.1", port)
    assert f"--port {port + 1}" in refused.value.remedy
    refuse_taken_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StartFailed, match=r"cannot listen on 192\.0\.2\.1:8501"):
        refuse_taken_port("192.0.2.1", 8501)


def test_a_child_works_in_the_chosen_home_and_imports_from_this_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    environment = environment_of(Settings.from_env({}, home=tmp_path))
    assert environment["SIDEGRADE_HOME"] == str(tmp_path)
    assert environment["PYTHONPATH"].split(":") == [str(PROJECT), "/somewhere"]
    assert environment["PYTHONSAFEPATH"] == "1"


@pytest.mark.parametrize(
    ("address", "listed", "hosts"),
    [
        ("review.lan", "", "review.lan"),
        ("review.lan", "a.example", "a.example,review.lan"),
        ("0.0.0.0", "a.example", "a.example"),
        ("::1", "", ""),
    ],
)
def test_an_app_answers_under_the_name_of_its_address(address: str, listed: str, hosts: str) -> None:
    program = app_program({"SIDEGRADE_HOSTS": listed}, address, 8501)
    assert program.environment["SIDEGRADE_HOSTS"] == hosts
