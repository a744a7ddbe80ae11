"""What the two networks are given, and what is made of their answers; the networks are scripted here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.checks.text.reader import (
    DETECTION_SIDE,
    GLANCE_FROM,
    LINE_HEIGHT,
    MIN_WIDTH,
    Reader,
    _levelled,
    _row_and_column,
    _tilt,
    _upright,
    load_reader,
)
from core.errors import CheckUnavailable
from core.records import Box

SURE, UNSURE, NOTHING = ([[0.02, 0.9, 0.04, 0.04]], [[0.02, 0.04, 0.5, 0.04]], [[0.9, 0.1, 0, 0]])
"""One column of each: an ``a`` of 0.9, a ``b`` of 0.5, a blank."""


class Networks:
    """A detector that finds given corners, and a recogniser that reads what ``told`` makes of its input."""

    def __init__(
        self, corners: Sequence[Any] | None, told: Callable[[np.ndarray], Any] = lambda line: SURE
    ) -> None:
        self.searched: list[np.ndarray] = []
        self.recognised: list[np.ndarray] = []
        self.postprocess_op = SimpleNamespace(character=("blank", "a", "b", " "))
        self._corners, self._told = corners, told
        self.reader = Reader(self, self, engine="scripted")

    def __call__(self, image: np.ndarray) -> Any:
        """Where lines stand."""
        self.searched.append(np.array(image))
        return SimpleNamespace(boxes=self._corners and np.array(self._corners, np.float64))

    def session(self, line: np.ndarray) -> Any:
        """Probabilities of each column."""
        self.recognised.append(np.array(line))
        return [np.array(self._told(line), np.float32)]


def corners(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def plain(width: int, height: int, colour: tuple[int, int, int] = (250, 130, 10)) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


@pytest.mark.parametrize(
    ("side", "glance", "searched"),
    [
        (GLANCE_FROM, True, GLANCE_FROM // 2),
        (GLANCE_FROM - 1, True, GLANCE_FROM - 1),
        (GLANCE_FROM, False, GLANCE_FROM),
        (DETECTION_SIDE, False, DETECTION_SIDE),
        (2 * DETECTION_SIDE, False, DETECTION_SIDE),
        (4 * DETECTION_SIDE, True, DETECTION_SIDE),
    ],
)
def test_large_pictures_are_searched_reduced_and_lines_stand_in_pixels_of_the_picture(
    side: int, glance: bool, searched: int
) -> None:
    found = np.array(corners(10, 4, 40, 20)) * searched / side
    networks = Networks([found.tolist()])
    (line,) = networks.reader.lines(plain(side, 36), glance=glance)
    assert networks.searched[0].shape[:2] == (round(36 * searched / side), searched)
    assert line.box == Box(10, 4, 40, 20)


def test_a_picture_is_searched_whole_unless_a_glance_is_asked_for() -> None:
    networks = Networks(None)
    assert networks.reader.lines(plain(GLANCE_FROM, 40)) == ()
    assert networks.searched[0].shape == (40, GLANCE_FROM, 3)


def test_both_networks_are_given_blue_first_as_they_were_trained() -> None:
    networks = Networks([corners(0, 0, 60, 20)])
    networks.reader.lines(plain(60, 20))
    assert networks.searched[0][0, 0].tolist() == [10, 130, 250]
    blue, green, red = networks.recognised[0][0, :, 5, 5]
    assert (blue, green, red) == pytest.approx((10 / 127.5 - 1, 130 / 127.5 - 1, 250 / 127.5 - 1))


@pytest.mark.parametrize(("width", "enlarged"), [(60, 144), (40, 96), (20, 48), (1, 3), (61, 147)])
def test_a_line_is_enlarged_to_the_height_of_the_training_and_padded_to_its_least_width(
    width: int, enlarged: int
) -> None:
    networks = Networks(None)
    read = networks.reader.read(plain(100, 40), Box(10, 5, width, 20))
    (line,) = networks.recognised
    assert line.shape == (1, 3, LINE_HEIGHT, max(enlarged, MIN_WIDTH))
    assert (line[..., :enlarged] != 0).all()
    assert (line[..., enlarged:] == 0).all()
    assert (read.text, read.score, read.box) == ("a", pytest.approx(0.9), Box(10, 5, width, 20))


@pytest.mark.parametrize(("height", "looks"), [(30, 1), (31, 3)])
def test_a_tall_line_is_read_in_three_directions_and_the_likeliest_counts(height: int, looks: int) -> None:
    dark_top = plain(40, 60)
    dark_top[:10] = 0
    # turned by a quarter to the left, its dark end comes first
    likeliest = lambda line: SURE if line[0, 2, 0, 0] < 0 < line[0, 2, 0, 28] else UNSURE  # noqa: E731
    networks = Networks([corners(5, 5, 20, height)], likeliest)
    (line,) = networks.reader.lines(dark_top)
    assert len(networks.recognised) == looks
    assert (line.text, line.score) == (("a", pytest.approx(0.9)) if looks == 3 else ("b", pytest.approx(0.5)))


def test_lines_come_from_top_to_bottom_and_left_to_right_without_those_that_say_nothing() -> None:
    placed = [corners(60, 41, 30, 20), corners(4, 5, 30, 20), corners(8, 44, 30, 20), corners(60, 6, 16, 20)]
    networks = Networks(placed)
    assert [line.box.x for line in networks.reader.lines(plain(100, 80))] == [4, 60, 8, 60]
    narrow_says_nothing = Networks(placed, lambda line: SURE if line[..., 60:].any() else NOTHING)
    assert [line.box.x for line in narrow_says_nothing.reader.lines(plain(100, 80))] == [4, 8, 60]


@pytest.mark.parametrize(("box", "place"), [(Box(7, 100, 30, 40), (6, 7)), (Box(7, 10, 30, 8), (2, 7))])
def test_lines_of_half_a_height_s_difference_stand_on_one_row(box: Box, place: tuple[int, int]) -> None:
    assert _row_and_column(box) == place


@pytest.mark.parametrize(("rise", "degrees"), [(0, 0.0), (50, 45.0), (-50, -45.0)])
def test_the_tilt_of_a_line_is_that_of_its_upper_edge(rise: int, degrees: float) -> None:
    turned = np.array([(10, 10), (60, 10 + rise), (60, 30 + rise), (10, 30)], np.float64)
    assert _tilt(turned) == pytest.approx(degrees)


@pytest.mark.parametrize(("rise", "width"), [(6.9, 100), (7.1, 101)])
def test_a_line_tilted_by_more_than_four_degrees_is_turned_level_before_it_is_read(
    rise: float, width: int
) -> None:
    tilted = [(10, 10), (110, 10 + rise), (110, 30 + rise), (10, 30)]
    networks = Networks([tilted])
    (line,) = networks.reader.lines(plain(140, 60))
    level_height = 20 if rise > 7 else line.box.height
    assert networks.recognised[0].shape[-1] == int(np.ceil(LINE_HEIGHT * 100 / level_height))
    assert line.box == Box(10, 10, 100, int(np.ceil(20 + rise)))


def test_a_line_that_runs_down_is_turned_level_with_its_beginning_on_the_left() -> None:
    picture = plain(60, 60, (0, 0, 0))
    picture[10:50, 20:30] = np.arange(40, 240, 5, np.uint8)[:, None, None]
    down = np.array([(30, 10), (30, 50), (20, 50), (20, 10)], np.float64)
    level = _levelled(picture, down)
    assert level.shape == (10, 40, 3)
    brightness = level[5, :, 0].astype(int)
    assert (np.diff(brightness[:-1]) > 0).all()
    assert brightness[0] == 40


def test_the_box_of_a_line_is_whole_pixels_inside_the_picture() -> None:
    assert _upright(np.array(corners(3.6, 2.2, 10.1, 5.1)), (60, 100, 3)) == Box(3, 2, 11, 6)
    assert _upright(np.array(corners(-4, -6, 200, 300)), (60, 100, 3)) == Box(0, 0, 100, 60)


def test_the_networks_take_one_thread_each_and_pictures_at_their_own_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its default enlarges every picture to 736 px: four times as slow, and no better here."""
    asked: dict[str, object] = {}

    def refused(params: dict[str, object]) -> None:
        asked.update(params)
        raise OSError("no model file")

    monkeypatch.setattr("rapidocr.RapidOCR", refused)
    with pytest.raises(CheckUnavailable, match="OCR cannot start: no model file") as raised:
        load_reader.__wrapped__()
    assert raised.value.remedy == "run `make setup`"
    assert asked == {
        "Global.log_level": "critical",
        "Global.use_cls": False,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_type": "min",
        "Det.limit_side_len": 32,
    }


def test_the_reader_is_named_with_the_version_that_its_confusions_were_measured_on() -> None:
    reader = load_reader()
    assert reader is load_reader(), "loaded once"
    assert reader.engine == "rapidocr 3.10.0 PP-OCRv6 small"
