"""A second opinion on lettering by Tesseract, where it is installed: shown beside the first, never averaged.

Each line is read at the place where the first reader found it. Two readers that disagree are a reason to
look; who of them is right is for a person to say.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from functools import cache

import numpy as np
from PIL import Image

from core.checks.card import Finding, NotApplicable
from core.checks.pair import PairToExamine
from core.checks.picture import Picture, Pixels
from core.checks.text.lettering import Lettering, Line, read_lettering
from core.checks.text.reader import load_reader
from core.checks.text.text_distance import comparable, normal
from core.config.settings import Settings
from core.errors import CheckUnavailable
from core.records import Arm, Box, MeasurementStatus, Region

PROGRAM = "tesseract"
LETTER_HEIGHT = 96
"""Height a line is enlarged to: Tesseract reads letters of 30 px and more best, with space around."""
SECONDS = 20
"""A line that takes longer is a program that hangs."""


def measure(pair: PairToExamine, settings: Settings) -> list[Finding] | NotApplicable:
    """Whether both readers agree on each line of each arm."""
    if not pair.case.expected_text:
        return NotApplicable(reason="the case expects no exact text")
    program = shutil.which(PROGRAM)
    if program is None:
        return NotApplicable(reason="no second reader is installed (tesseract is optional)")
    reader, stands_on = load_reader(), installed_version(program)
    found = []
    for arm in pair.arms():
        picture = pair.picture(arm)
        lettering = read_lettering(picture, pair.case.expected_text, reader)
        found += [_agreement(line, picture, lettering, arm, program, stands_on) for line in lettering.lines]
    return found


@cache
def installed_version(program: str) -> str:
    """``tesseract 5.3.0``.

    Raises:
        CheckUnavailable: when the program does not start.
    """
    first_line = _run([program, "--version"], b"").partition("\n")[0]
    return first_line.strip()


def read_line(pixels: Pixels, box: Box, program: str) -> str:
    """What Tesseract reads inside a box of an RGB picture, dark on light, enlarged.

    Raises:
        CheckUnavailable: when the program fails or hangs.
    """
    line = Image.fromarray(pixels).crop((box.x, box.y, box.x + box.width, box.y + box.height)).convert("L")
    grey = np.asarray(line.resize((LETTER_HEIGHT * line.width // line.height + 1, LETTER_HEIGHT)))
    if np.median(grey) < 128:
        grey = 255 - grey
    padded = np.pad(grey, LETTER_HEIGHT // 4, mode="edge")
    file = io.BytesIO()
    Image.fromarray(padded).save(file, "PNG", compress_level=1)
    return normal(_run([program, "stdin", "stdout", "--psm", "7", "-l", "eng"], file.getvalue()))


def _agreement(
    line: Line, picture: Picture, lettering: Lettering, arm: Arm, program: str, stands_on: str
) -> Finding:
    expected = line.expected.text
    if line.reading is None:
        return Finding(
            metric="readers_agree",
            arm=arm,
            subject=expected,
            value=None,
            status=MeasurementStatus.NOT_APPLICABLE,
            reason="the first reader found no such line",
        )
    box, background = line.reading.box, lettering.background
    second = picture.feature(
        ("second reader", box, background), lambda: read_line(picture.over(background), box, program)
    )
    first = normal(line.text)
    agree = comparable(first) == comparable(second)
    verb = "agree on" if agree else "disagree:"
    return Finding(
        metric="readers_agree",
        arm=arm,
        subject=expected,
        value=float(agree),
        reason=f"readers {verb} «{first}»" + ("" if agree else f" and «{second}»"),
        regions=(Region(box=box, label=f"«{second}»", arm=arm),),
        raw={"expected": expected, "first": first, "second": second},
        stands_on=stands_on,
    )


def _run(command: list[str], data: bytes) -> str:
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=SECONDS, env=environment, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CheckUnavailable(
            f"tesseract failed: {error}", remedy="repair or remove it: the second reader is optional"
        ) from error
    return done.stdout.decode(errors="replace")
