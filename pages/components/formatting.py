"""How text reads on a page: text that is not ours in Markdown, short ids, shortened lines.

Strings in, strings out; nothing is drawn here. Numbers have their words in :mod:`core.formatting`.
"""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escaped(text: str) -> str:
    """``text`` as Markdown that shows exactly these characters: no links, images or directives of its author.

    >>> escaped("![x](//evil)")
    '\\\\!\\\\[x\\\\]\\\\(\\\\/\\\\/evil\\\\)'
    """
    return _escape(" ".join(text.split()))


def prose(text: str) -> str:
    """Our own errors and reasons: as :func:`escaped`, but what stands between two backticks stays code.

    >>> prose("run `sidegrade worker`!")
    'run `sidegrade worker`\\\\!'
    """
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0 or any(not code.strip() for code in parts[1::2]):
        return escaped(text)
    return "".join(f"`{part}`" if place % 2 else _escape(part) for place, part in enumerate(parts))


def short(identity: str) -> str:
    """The beginning of an id or digest: enough to find it again by, short enough to read out.

    >>> short("run_0123456789abcdef"), short("0123456789abcdef")
    ('run_01234567', '0123456789')
    """
    tag, underscore, digits = identity.rpartition("_")
    return f"{tag}_{digits[:8]}" if underscore else digits[:10]


def shortened(text: str, limit: int = 70) -> str:
    """One line of at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _escape(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", text)
