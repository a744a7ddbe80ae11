"""What the problems are tried with: fixtures of every floor, for most of them go through several."""

from __future__ import annotations

from tests.cli.conftest import sidegrade
from tests.core.checks.conftest import found, lpips_settings, seeded_backbones
from tests.pages.conftest import open_page

__all__ = ["found", "lpips_settings", "open_page", "seeded_backbones", "sidegrade"]
