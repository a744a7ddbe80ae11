"""Writes ``suites/upgrade.toml``: 320 posters for a rollout of the embedded models, enough to decide on.

``python -m training.upgrade_suite`` writes the file again; the same seed gives the same file. Words are those
of shop windows and event posters, in every combination of size, lines, ground and shape that the models draw.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from training.glyphs import SHAPES
from training.grammar import PAIRS, prompt_of
from training.posters import CANVASES, COLORS, KINDS, MAX_CHARACTERS, NATIVE, TRANSPARENT, Poster

FILE = Path(__file__).resolve().parents[1] / "suites" / "upgrade.toml"
SEED, CASES = 2026, 320
LETTER_HEIGHT_PX = {"large": 24, "small": 14}
LONGEST_ON_A_SQUARE = {"large": 4, "small": 6}
HEAD = """# Written by `python -m training.upgrade_suite`; edit that file, not this one.

name = "upgrade"
title = "Upgrade"
description = "320 posters, banners and badges: enough prompts to decide whether an upgrade is one."
"""
FIRST = """
    SALE|OPEN|CLOSED|SUMMER|WINTER|SPRING|AUTUMN|JAZZ|ROCK|PIZZA|COFFEE|BAKERY|MARKET|CINEMA|THEATRE|MUSEUM
    GALLERY|CONCERT|DANCE|YOGA|GYM|KIDS|FAMILY|BOOKS|FLOWERS|GARDEN|BIKE|RUN 10K|MARATHON|FESTIVAL|CARNIVAL
    PARADE|EXPO 26|CLUB 54|QUIZ|KARAOKE|COMEDY|OPERA|BALLET|BRUNCH|TACOS|RAMEN|BURGER|VEGAN|FRESH|ORGANIC
    HARVEST|WINE|BEER|TEA|VINTAGE|DESIGN|FASHION|SHOES|WATCHES|JEWELRY|TOYS|GAMES|ROBOTS|SPACE|OCEAN|FOREST
    SAFARI|CAMPING|SURF|SKI|SKATE|VOTE|HELP|THANKS|HELLO|WELCOME|NEW|FREE|HALF OFF|50 OFF|LAST CALL|TONIGHT
    WEEKEND|HOLIDAY|BIRTHDAY|WEDDING
"""
SECOND = """
    NOW|TODAY|TONIGHT|SUNDAY|FRIDAY|MAY 2026|JULY 4|JUNE 21|MARCH 8|UNTIL 6|FROM 9AM|AT 8PM|DOORS 7PM|STAGE 2
    LEVEL 3|HALL B|GATE 12|ROOM 4B|ROW 15|TICKETS|FREE|ONLY 19|FROM 29|2 FOR 1|3 DAYS|24 HOURS|ONE NIGHT
    ALL DAY|NEW MENU|LIVE|IN TOWN|NEAR YOU|UPSTAIRS|OUTDOORS|FOR KIDS|FOR ALL|BE THERE|JOIN US|SIGN UP
    SOLD OUT|EXTRA 10|UP TO 70
"""
LINE_SIZES = [("large",), ("small",), ("large", "large"), ("small", "small"), ("large", "small")]


def main() -> None:
    """Write the file."""
    FILE.write_text(text(), encoding="utf-8")


def text() -> str:
    """The suite as TOML."""
    chance = random.Random(SEED)
    cases = "".join(case(number, *drawn) for number, drawn in enumerate(posters(chance), start=1))
    return HEAD + cases


def posters(chance: random.Random) -> Iterator[tuple[Poster, tuple[int, int]]]:
    """Posters with their canvases; no two have the same words, sizes and canvas."""
    seen: set[tuple[tuple[str, ...], tuple[str, ...], tuple[int, int]]] = set()
    while len(seen) < CASES:
        drawn = poster(chance)
        key = (drawn[0].lines, drawn[0].sizes, drawn[1])
        if key not in seen:
            seen.add(key)
            yield drawn


def poster(chance: random.Random) -> tuple[Poster, tuple[int, int]]:
    """One poster: three in ten transparent, four in ten with a shape, one in seven of another format."""
    canvas = chance.choices(CANVASES, weights=(12, 1, 1))[0]
    sizes = chance.choice(LINE_SIZES)
    if canvas != NATIVE:
        sizes = sizes[:1]
    longest = LONGEST_ON_A_SQUARE[sizes[0]] if canvas[0] < NATIVE[0] else MAX_CHARACTERS
    first = [word for word in words(FIRST) if len(word) <= longest]
    lines = [chance.choice(first), chance.choice(words(SECOND))]
    ink, ground = chance.choice(PAIRS)
    if chance.random() < 0.3:
        ground = TRANSPARENT
        ink = chance.choice(list(COLORS))
    shape = chance.choice(SHAPES) if canvas == NATIVE and chance.random() < 0.4 else None
    return Poster(
        kind=chance.choice(KINDS),
        lines=tuple(lines[: len(sizes)]),
        sizes=sizes,
        ink=ink,
        ground=ground,
        shape=shape,
        shape_color=ink if shape else None,
    ), canvas


def words(table: str) -> list[str]:
    """The entries of a table of words."""
    return [entry.strip() for line in table.split("\n") for entry in line.split("|") if entry.strip()]


def case(number: int, drawn: Poster, canvas: tuple[int, int]) -> str:
    """One ``[[case]]``."""
    slug = "-".join(" ".join(drawn.lines).lower().replace("%", "").split())
    sizes = sorted(set(drawn.sizes))
    lines = ", ".join(
        f'{{ text = "{line}", letter_height_px = {LETTER_HEIGHT_PX[size]} }}'
        for line, size in zip(drawn.lines, drawn.sizes, strict=True)
    )
    tags = [sizes[0] if len(sizes) == 1 else "mixed", *(["strip"] * (canvas[1] < 128))]
    return f"""
[[case]]
name = "{number:03}-{slug}"
prompt = '{prompt_of(drawn)}'
width = {canvas[0]}
height = {canvas[1]}
expected_text = [{lines}]
expects_alpha = {str(drawn.ground == TRANSPARENT).lower()}
tags = {str(tags).replace("'", '"')}
"""


if __name__ == "__main__":
    main()
