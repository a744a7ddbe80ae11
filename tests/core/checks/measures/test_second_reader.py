"""The second reader is optional, and its disagreement is shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.checks.measures import second_reader
from core.records import Arm, Box, ExpectedText, MeasurementStatus
from tests.core.checks.conftest import Examine, one

POSTER = Image.new("RGB", (256, 96), "white")
ImageDraw.Draw(POSTER).text((128, 48), "OPEN", "black", font_size=40, anchor="mm")
ASKED = {"expected_text": (ExpectedText(text="OPEN"),)}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that answers as Tesseract does, always with the same line."""
    program = tmp_path / "tesseract"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "tesseract 9.9" && exit\ncat >/dev/null\necho 0PEN\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(second_reader.shutil, "which", lambda name: str(program))
    return program


def test_readers_that_disagree_are_both_quoted(found: Examine, installed: Path) -> None:
    measured = one(found(POSTER, POSTER, "second_reader", **ASKED), "readers_agree", Arm.CANDIDATE)
    assert (measured.value, measured.reason) == (0, "readers disagree: «OPEN» and «0PEN»")
    assert measured.version.endswith("tesseract 9.9")
    assert measured.regions


@pytest.mark.parametrize(("ground", "ink"), [("white", "black"), ("black", "white"), ("navy", "yellow")])
def test_the_program_is_given_dark_letters_on_a_light_ground(
    ground: str, ink: str, installed: Path, tmp_path: Path
) -> None:
    installed.write_text(f'#!/bin/sh\ncat > "{tmp_path}/line.png"\necho OPEN\n')
    poster = Image.new("RGB", (256, 96), ground)
    ImageDraw.Draw(poster).text((128, 48), "OPEN", ink, font_size=40, anchor="mm")
    second_reader.read_line(np.asarray(poster), Box(60, 20, 136, 56), str(installed))
    line = np.asarray(Image.open(tmp_path / "line.png"))
    assert np.median(line) > 200
    assert line.min() < 80


def test_a_line_nobody_found_is_not_read_again(found: Examine, installed: Path) -> None:
    blank = Image.new("RGB", POSTER.size, "white")
    measured = one(found(POSTER, blank, "second_reader", **ASKED), "readers_agree", Arm.CANDIDATE)
    assert measured.status is MeasurementStatus.NOT_APPLICABLE


def test_a_broken_program_is_an_error_with_a_remedy(found: Examine, installed: Path) -> None:
    installed.write_text("#!/bin/sh\nexit 3\n")
    second_reader.installed_version.cache_clear()
    measured = one(found(POSTER, POSTER, "second_reader", **ASKED), "readers_agree", Arm.BASELINE)
    assert measured.status is MeasurementStatus.ERROR
    assert "repair or remove it" in measured.reason


def test_without_a_second_reader_nothing_is_claimed(found: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_reader.shutil, "which", lambda name: None)
    measured = one(found(POSTER, POSTER, "second_reader", **ASKED), "readers_agree", Arm.BASELINE)
    assert measured.status is MeasurementStatus.NOT_APPLICABLE


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed here")
def test_tesseract_itself_agrees_on_plain_lettering(found: Examine) -> None:
    measured = one(found(POSTER, POSTER, "second_reader", **ASKED), "readers_agree", Arm.BASELINE)
    assert (measured.value, measured.reason) == (1, "readers agree on «OPEN»")
