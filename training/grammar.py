"""The language of the prompts: write a poster as a prompt, read a prompt as a poster, draw posters at random.

Canonical: `banner, two lines, mixed, exact text: "SUMMER" "50 OFF", black on transparent, with a red circle`.
Training also sees the clauses shuffled, left out and wrapped in other words; `parse` is the meaning that the
tokenizer and the renderer agree on.
"""

import random
import re

from training.glyphs import CHARACTERS, SHAPES
from training.posters import COLORS, KINDS, MAX_CHARACTERS, MAX_LINES, TRANSPARENT, Poster

READABLE_CONTRAST = 3.5
_VISIBLE_CONTRAST = 1.8
_FILLERS = (
    "please",
    "a",
    "big",
    "bold",
    "simple",
    "nice",
    "make me a",
    "flat design",
    "in the style of a print shop",
    "for our shop",
    "minimal",
    "centered",
    "high quality",
    "modern",
    "of",
    "printed on paper",
    "clean layout",
)


def prompt_of(poster: Poster) -> str:
    """The canonical prompt of a poster."""
    return ", ".join(_clauses(poster))


def _clauses(poster: Poster) -> list[str]:
    clauses = [poster.kind]
    if len(poster.lines) == 2:
        clauses.append("two lines")
    size = size_word(poster.sizes)
    if size != "large":
        clauses.append(size)
    if poster.lines:
        clauses.append("exact text: " + " ".join(f'"{line}"' for line in poster.lines))
    clauses.append(f"{poster.ink} on {poster.ground}")
    if poster.shape:
        clauses.append(f"with a {poster.shape_color} {poster.shape}")
    return clauses


def size_word(sizes: tuple[str, ...]) -> str:
    """large, small, or mixed: a large line over a small one."""
    return "large" if set(sizes) <= {"large"} else "small" if set(sizes) == {"small"} else "mixed"


def loose_prompt_of(poster: Poster, rng: random.Random) -> str:
    """A prompt with the same meaning in the words of somebody who does not know the grammar."""
    clauses = [c for c in _clauses(poster) if c != "two lines" or rng.random() < 0.5]
    if poster.shape and poster.shape_color == poster.ink:
        clauses[-1] = f"with a {poster.shape}"
    if rng.random() < 0.6:
        rng.shuffle(clauses)
    for _ in range(rng.choice((0, 1, 1, 2))):
        clauses.insert(rng.randint(0, len(clauses)), rng.choice(_FILLERS))
    return rng.choice((", ", ", ", " ")).join(clauses)


def parse(prompt: str) -> Poster:
    """The poster a prompt means. Never fails: what is not said is a black-on-white poster without text."""
    quoted = re.findall(r'"([^"]*)"', prompt)
    words = re.findall(r"[a-z]+", re.sub(r'"[^"]*"', " ", prompt).lower())
    lines = tuple(line for line in map(_drawable, quoted) if line)[:MAX_LINES]
    ink, ground = _colors(words)
    shape, shape_color = _shape(words)
    return Poster(
        kind=next((w for w in words if w in KINDS), "poster"),
        lines=lines,
        sizes=_sizes(words, len(lines)),
        ink=ink,
        ground=ground,
        shape=shape,
        shape_color=shape and (shape_color or ink),
    )


def _drawable(line: str) -> str:
    return "".join(c for c in line.upper() if c in CHARACTERS + " ").strip()[:MAX_CHARACTERS].strip()


def _sizes(words: list[str], count: int) -> tuple[str, ...]:
    if "mixed" in words:
        return ("large", "small")[:count]
    return ("small" if "small" in words else "large",) * count


def _colors(words: list[str]) -> tuple[str, str]:
    for before, on, after in zip(words, words[1:], words[2:], strict=False):
        if on == "on" and before in COLORS and after in (*COLORS, TRANSPARENT):
            return before, after
    return "black", "white"


def _shape(words: list[str]) -> tuple[str | None, str | None]:
    for before, word in zip(["", *words], words, strict=False):
        if word in SHAPES:
            return word, before if before in COLORS else None
    return None, None


def random_text(rng: random.Random, shortest: int = 1, longest: int = MAX_CHARACTERS) -> str:
    """Letters and digits at random, sometimes with a space or a mark: no word can be learned by heart."""
    length = max(shortest, min(rng.randint(1, longest), rng.randint(1, longest + 6)))
    text = [rng.choice(CHARACTERS[:36]) for _ in range(length)]
    if length >= 4 and rng.random() < 0.35:
        text[rng.randint(1, length - 2)] = " "
    if length >= 2 and rng.random() < 0.3:
        text[rng.choice((-1, -1, rng.randrange(length)))] = rng.choice(CHARACTERS[36:])
    return "".join(text).strip() or rng.choice(CHARACTERS[:36])


def text_of(characters: str, rng: random.Random) -> str:
    """A random text of these characters alone."""
    return "".join(rng.choice(characters) for _ in range(rng.randint(2, MAX_CHARACTERS)))


def random_poster(rng: random.Random, *, plain: float = 0.04, small: float = 0.5) -> Poster:
    """A poster as prompts ask for it; `plain` of them have no text, `small` of the sizes are small."""
    count = 0 if rng.random() < plain else rng.choice((1, 2, 2))
    sizes = (
        ("large", "small")
        if count == 2 and rng.random() < 0.4
        else ("small" if rng.random() < small else "large",) * count
    )
    ink, ground = rng.choice(PAIRS)
    if rng.random() < 0.3:
        ink, ground = rng.choice(list(COLORS)), TRANSPARENT
    elif rng.random() < 0.05:
        ink, ground = "black", "white"
    shape = rng.choice(SHAPES) if rng.random() < 0.5 else None
    colors = _visible_on(ground)
    return Poster(
        kind=rng.choice(KINDS),
        lines=tuple(random_text(rng) for _ in sizes),
        sizes=sizes,
        ink=ink,
        ground=ground,
        shape=shape,
        shape_color=rng.choice((*colors, ink)) if shape else None,
    )


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two named colours, 1..21 (with a plain 2.2 gamma)."""
    low, high = sorted(map(_luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(name: str) -> float:
    red, green, blue = (float((v / 255) ** 2.2) for v in COLORS[name])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _visible_on(ground: str) -> list[str]:
    if ground == TRANSPARENT:
        return list(COLORS)
    return [c for c in COLORS if c != ground and contrast(c, ground) > _VISIBLE_CONTRAST]


PAIRS = [
    (ink, ground)
    for ink in COLORS
    for ground in COLORS
    if ink != ground and contrast(ink, ground) >= READABLE_CONTRAST
]
"""Ink and ground that can be read on one another."""
