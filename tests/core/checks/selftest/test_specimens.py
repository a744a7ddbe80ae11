"""Specimens are the same drawings on every machine, so a self-test of today says what it said yesterday."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import ImageFont

from core.checks.selftest import specimens
from core.checks.selftest.specimens import BUILT_IN, _cap_height, _face, _sized, text_fonts
from core.errors import CheckUnavailable
from tests.core.checks.known_values import drawings, stored


def test_every_specimen_and_what_is_done_to_it_is_drawn_as_it_always_was() -> None:
    assert drawings() == stored("drawings")


def test_faces_are_taken_in_the_order_of_their_names_from_the_folders_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Arial.ttf", "DejaVuSans-Bold.ttf", "deeper/DejaVuSans.otf", "Comic.ttf", "Georgia.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    monkeypatch.setattr(specimens, "FONT_FOLDERS", {sys.platform: (str(tmp_path),)})
    found = [str(Path(file).relative_to(tmp_path)) for file in text_fonts.__wrapped__()]
    assert found == ["deeper/DejaVuSans.otf", "DejaVuSans-Bold.ttf", "Arial.ttf"]
    monkeypatch.setattr(specimens, "FONT_FOLDERS", {})
    assert text_fonts.__wrapped__() == (BUILT_IN,), "Pillow's own face where the machine has none"


def test_a_letter_is_at_least_as_high_as_it_should_be_and_no_higher_than_need_be() -> None:
    for height in (3, 10, 24):
        face = _face(BUILT_IN, height)
        assert _cap_height(_sized(BUILT_IN, round(face.size) - 1)) < height <= _cap_height(face)


def test_without_freetype_nothing_can_be_lettered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.ImageFont.load_default", lambda points: ImageFont.ImageFont())
    with pytest.raises(CheckUnavailable, match="without FreeType") as raised:
        _sized(BUILT_IN, 12)
    assert raised.value.remedy == "run `make setup`"
