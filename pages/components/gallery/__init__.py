"""A wall of thumbnails on a neutral ground: one element however many images, and a click says which.

The browser fetches the images by digest from our own route; nothing but ids and words travels with the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

THUMBNAIL_WIDTH = 320
"""Pixels: about twice the width of a tile, for dense screens."""

_HERE = Path(__file__).parent
_gallery = st.components.v2.component(
    "sidegrade_gallery",
    html='<div class="wall" role="group"></div>',
    css=(_HERE / "gallery.css").read_text(encoding="utf-8"),
    js=(_HERE / "gallery.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One image on the wall."""

    id: str
    digest: str
    title: str
    subtitle: str = ""
    mark: str = ""
    """A word such as ``positive``, shown with its sign; empty for none."""
    tone: str = "quiet"
    """``good``, ``bad`` or ``quiet``: how the mark is coloured."""
    alt: str
    """What the image shows, for who cannot see it."""


def gallery(
    tiles: Sequence[Tile], *, token: str, key: str, label: str, selected: str | None = None
) -> str | None:
    """Draw the wall; gives the id of the tile that was clicked just now, else None.

    Args:
        token: what the image route asks for.
        label: name of the wall for who cannot see it.
    """
    data = {
        "tiles": [asdict(tile) for tile in tiles],
        "label": label,
        "selected": selected,
        "token": token,
        "width": THUMBNAIL_WIDTH,
    }
    picked: str | None = _gallery(data=data, key=key, on_picked_change=lambda: None).picked
    return picked
