"""Settings come from the environment, once, and what makes no sense is refused with its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config.settings import PROJECT, Settings
from core.errors import InvalidInput, InvalidRequest


@pytest.mark.parametrize(
    ("said", "megabytes"), [(None, 512), ("", 512), ("0", 0), (" 64 ", 64), ("1000000", 1_000_000)]
)
def test_the_memory_for_features_is_a_whole_number_of_megabytes(said: str | None, megabytes: int) -> None:
    settings = Settings.from_env({} if said is None else {"SIDEGRADE_FEATURE_CACHE_MB": said})
    assert settings.feature_cache_mb == megabytes
    assert settings.feature_cache_bytes == megabytes * 2**20


@pytest.mark.parametrize("said", ["-1", "half", "1.5", "1e3", "1000001", "٣", "9" * 50, "1_000"])
def test_another_memory_for_features_is_refused_with_what_is_expected(said: str) -> None:
    with pytest.raises(InvalidRequest, match="SIDEGRADE_FEATURE_CACHE_MB: expected a whole number from 0 to"):
        Settings.from_env({"SIDEGRADE_FEATURE_CACHE_MB": said})


def test_without_a_word_in_the_environment_everything_lies_where_the_manual_says(tmp_path: Path) -> None:
    settings = Settings.from_env({}, home=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/sidegrade.db"
    assert settings.blobs == tmp_path / "blobs"
    assert settings.models_file == PROJECT / "models.toml"
    assert (settings.suites_folder, settings.policies_folder) == (PROJECT / "suites", PROJECT / "policies")
    assert (settings.lpips_weights, settings.lpips_nets) == (None, ("alex",))
    assert (settings.secret, settings.reviewer) == (None, None)
    assert Settings.from_env({}).home == Path("var").resolve()


def test_what_the_environment_says_holds_and_a_home_that_is_given_wins(tmp_path: Path) -> None:
    said = {
        "SIDEGRADE_HOME": str(tmp_path / "there"),
        "SIDEGRADE_DATABASE_URL": "postgresql+psycopg://lea:hush@h/x",
        "SIDEGRADE_MODELS": str(tmp_path / "m.toml"),
        "SIDEGRADE_SUITES": str(tmp_path / "s"),
        "SIDEGRADE_POLICIES": str(tmp_path / "p"),
        "SIDEGRADE_LPIPS_WEIGHTS": str(tmp_path / "w"),
        "SIDEGRADE_LPIPS_NETS": " vgg, alex,,vgg",
        "SIDEGRADE_SECRET": "hush",
        "SIDEGRADE_REVIEWER": " Ana  Li ",
    }
    settings = Settings.from_env(said)
    assert settings.home == tmp_path / "there"
    assert Settings.from_env(said, home=tmp_path).home == tmp_path
    assert settings.database_url.endswith("hush@h/x")
    assert [
        settings.models_file,
        settings.suites_folder,
        settings.policies_folder,
        settings.lpips_weights,
    ] == [tmp_path / name for name in ("m.toml", "s", "p", "w")]
    assert (settings.lpips_nets, settings.secret, settings.reviewer) == (("vgg", "alex"), "hush", "Ana Li")
    assert "hush" not in repr(settings)


def test_what_makes_no_sense_is_refused_with_the_variable_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidRequest, match="home: expected a folder, got the file"):
        Settings.from_env({}, home=tmp_path / "file")
    with pytest.raises(
        InvalidRequest, match="SIDEGRADE_LPIPS_NETS: expected some of alex, squeeze, vgg, got a, b"
    ):
        Settings.from_env({"SIDEGRADE_LPIPS_NETS": "b,alex,a"})
    with pytest.raises(InvalidInput, match=r"^SIDEGRADE_REVIEWER: name: ") as refused:
        Settings.from_env({"SIDEGRADE_REVIEWER": "rule:x"})
    assert "unset it" in refused.value.remedy
    assert Settings.from_env({"SIDEGRADE_REVIEWER": ""}).reviewer is None
