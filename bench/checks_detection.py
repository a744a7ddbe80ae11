"""Is one wrong letter found, and are right lines left alone? 2,000 drawn cards, beside plain OCR equality.

Half of the cards have one letter or digit replaced by another. Fonts, sizes and grounds are spread evenly.
The plain script runs the same engine as its authors ship it and compares the joined text with what was
expected; it takes seconds a card, so it sees every n-th couple of cards only (``--plain-every``).
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from string import ascii_uppercase, digits
from typing import Any

import numpy as np

from core.checks.picture import FeatureCache, Picture
from core.checks.selftest.specimens import Card, draw_card, text_fonts, with_one_letter_changed
from core.checks.text.lettering import Legibility, read_lettering
from core.checks.text.reader import load_reader
from core.checks.text.text_distance import normal
from core.records import ExpectedText

CARDS = 2_000
PLAIN_EVERY = 19
"""Shares no divisor with the numbers of heights and fonts, so that all of them take their turn here too."""
FONTS = 12
HEIGHTS_PX = (10, 12, 16, 20, 28, 40)
LEAST = (448, 128)
PHRASES = (
    *("SALE NOW", "SUMMER 2026", "21 JUNE", "50 OFF", "OPEN DAILY", "FREE ENTRY", "HELLO", "Terms apply"),
    *("Limited offer", "Grand opening", "NEW MENU", "BUY ONE GET ONE", "Winter market", "JAZZ NIGHT"),
    *("Coffee & cake", "FINAL DAYS", "Members only", "LIVE MUSIC", "Book today", "EXTRA 20", "Friday 13"),
    *("Art fair", "MUSEUM", "QUIZ NIGHT", "Kids eat free", "Farm fresh", "VIP AREA", "Since 1987"),
)
RANDOM_SHARE = 0.25
"""Cards with a random string of capitals and digits: no language helps the reader there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the check and the plain script made of one card."""

    height: int
    wrong: bool
    """One letter is not as expected."""
    check: Legibility
    plain_equal: bool | None
    """Whether plain OCR gave the expected text; None: not asked."""


def main() -> None:
    """Print one table by letter height."""
    parser = argparse.ArgumentParser(prog="python -m bench.checks_detection", description=__doc__)
    parser.add_argument("--cards", type=int, default=CARDS)
    parser.add_argument("--plain-every", type=int, default=PLAIN_EVERY)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    started = time.monotonic()
    tasks = [(number, number // 2 % wanted.plain_every == 0) for number in range(wanted.cards)]
    with multiprocessing.get_context("spawn").Pool(wanted.processes) as pool:
        outcomes = pool.starmap(examined, tasks, chunksize=10)
    print(f"{len(outcomes)} cards, {min(FONTS, len(text_fonts()))} fonts, {load_reader().engine}")
    print(table(outcomes))
    print(f"{time.monotonic() - started:.0f} s on {wanted.processes} processes")


def card(number: int) -> Card:
    """The card of a number: every second one has a wrong letter; heights, fonts and grounds take turns."""
    rng = random.Random(number)
    text = rng.choice(PHRASES)
    if rng.random() < RANDOM_SHARE:
        text = "".join(rng.choice(ascii_uppercase + digits) for _ in range(rng.randint(4, 8)))
    fonts = text_fonts()[:FONTS]
    turn = number // 2
    return draw_card(
        with_one_letter_changed(text, number) if number % 2 else text,
        expected=text,
        letter_height_px=HEIGHTS_PX[turn % len(HEIGHTS_PX)],
        font=fonts[turn // len(HEIGHTS_PX) % len(fonts)],
        seed=number,
        textured=bool(turn // len(HEIGHTS_PX) // len(fonts) % 2),
        least=LEAST,
    )


def examined(number: int, with_plain: bool) -> Outcome:
    """Both readings of one card; neither is told where the line stands."""
    drawn = card(number)
    asked = ExpectedText(text=drawn.expected.text, letter_height_px=drawn.expected.letter_height_px)
    picture = Picture(drawn.image, cache=FeatureCache(1 << 24))
    lettering = read_lettering(picture, (asked,), load_reader())
    return Outcome(
        height=asked.letter_height_px or 0,
        wrong=drawn.drawn != asked.text,
        check=lettering.lines[0].legibility,
        plain_equal=plain_text(picture) == asked.text if with_plain else None,
    )


def plain_text(picture: Picture) -> str:
    """All text that rapidocr reads with its own defaults, joined by spaces."""
    texts = _plain_engine()(np.ascontiguousarray(picture.rgb[..., ::-1])).txts
    return normal(" ".join(texts or ()))


@cache
def _plain_engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={"Global.log_level": "critical", "EngineConfig.onnxruntime.intra_op_num_threads": 1}
    )


def table(outcomes: Iterable[Outcome]) -> str:
    """Caught and false alarms by letter height and in all, of both ways."""
    outcomes = list(outcomes)
    lines = [
        "| letters | caught | false alarms | ambiguous | plain OCR caught | plain false alarms |",
        "|---|---|---|---|---|---|",
    ]
    groups: dict[str, list[Outcome]] = {f"{h} px": [o for o in outcomes if o.height == h] for h in HEIGHTS_PX}
    groups["12–16 px"] = [o for o in outcomes if o.height in (12, 16)]
    groups["20 px and more"] = [o for o in outcomes if o.height >= 20]
    for name, group in groups.items():
        lines.append(f"| {name} | {_row(group)} |")
    return "\n".join(lines)


def _row(group: list[Outcome]) -> str:
    told = [o for o in group if o.check is not Legibility.AMBIGUOUS]
    asked = [o for o in group if o.plain_equal is not None]
    cells = [
        _share([o.check is Legibility.WRONG for o in told if o.wrong]),
        _share([o.check is Legibility.WRONG for o in told if not o.wrong]),
        f"{len(group) - len(told)} of {len(group)}",
        _share([not o.plain_equal for o in asked if o.wrong]),
        _share([not o.plain_equal for o in asked if not o.wrong]),
    ]
    return " | ".join(cells)


def _share(hits: list[bool]) -> str:
    return f"{sum(hits)}/{len(hits)} ({sum(hits) / len(hits):.1%})" if hits else "–"


if __name__ == "__main__":
    main()
