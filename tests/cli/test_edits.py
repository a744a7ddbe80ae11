"""``sidegrade edits`` on the embedded models: edits that hold, and pictures that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from cli.main import run
from tests.cli.conftest import Sidegrade


@pytest.mark.slow
def test_the_embedded_upgrade_edits_no_worse_than_what_is_in_production(
    sidegrade: Sidegrade, tmp_path: Path
) -> None:
    said = sidegrade(
        "edits", "letterpress-2", "--against", "letterpress", "--cases", 1, "--save", tmp_path / "edits"
    )  # fmt: skip
    assert (said.code, said.document["kept"]) == (0, True)
    assert [answer["outcome"] for answer in said.document["answers"]] == ["kept"] * 3
    with Image.open(tmp_path / "edits" / "sale-now-large-inpaint.png") as image:
        assert (image.mode, image.size) == ("RGBA", (256, 128))


@pytest.mark.slow
def test_a_picture_an_edit_cannot_take_is_told_and_is_no_pass(
    sidegrade: Sidegrade, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("L", (128, 128)).save(folder / "grey.png")
    Image.new("RGBA", (128, 128)).save(folder / "glass.png")
    words = ("edits", "letterpress-turbo", "--images", str(folder), "--prompt", "a poster")
    said = sidegrade(*words)
    assert (said.code, said.document["kept"]) == (1, False)
    assert {answer["outcome"] for answer in said.document["answers"]} == {"not done"}
    assert run(list(words)) == 1
    lines = capsys.readouterr().out
    assert "InvalidImage: expected mode RGB or RGBA, got L" in lines
    assert "InvalidImage: letterpress-turbo: expected mode RGB, got RGBA" in lines


def test_a_folder_that_does_not_exist_is_refused_before_a_model_is_loaded(
    sidegrade: Sidegrade, tmp_path: Path
) -> None:
    said = sidegrade("edits", "letterpress", "--images", tmp_path / "nowhere")
    assert (said.code, said.document["error"]) == (1, "InvalidRequest")
