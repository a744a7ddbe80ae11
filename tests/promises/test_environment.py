"""A test sees nothing of the settings of the machine it runs on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.settings import Settings

PLANTED = {
    "SIDEGRADE_SUITES": "/of/this/machine",
    "SIDEGRADE_LPIPS_NETS": "vgg",
    "SIDEGRADE_NOT_YET_INVENTED": "1",
    "SIDEGRADE_REQUIRE_PLANTED": "1",
}


@pytest.fixture(scope="module", autouse=True)
def _settings_of_the_machine() -> Iterator[None]:
    """Set before any test of this module begins, as a shell would have set them."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in PLANTED.items():
            patched.setenv(name, value)
        yield


def test_only_the_temporary_home_and_what_switches_tests_is_left(tmp_path: Path) -> None:
    left = {name: value for name, value in os.environ.items() if name.startswith("SIDEGRADE_")}
    assert left.pop("SIDEGRADE_HOME") == str(tmp_path / "home")
    assert left.pop("SIDEGRADE_REQUIRE_PLANTED") == "1"
    assert [name for name in left if not name.startswith("SIDEGRADE_REQUIRE_")] == []


def test_settings_read_in_a_test_are_those_of_a_machine_without_any(settings: Settings) -> None:
    assert Settings.from_env(os.environ) == settings
