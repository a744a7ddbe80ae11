"""Settings come from the environment, once, and what makes no sense is refused with its name."""

from __future__ import annotations

import pytest

from core.config.settings import Settings
from core.errors import InvalidRequest


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
