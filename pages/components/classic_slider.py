"""The "classic slider": the package streamlit-image-comparison, fed so that it can do no harm.

On its own it converts to RGB JPEG (alpha and exact pixels are lost), loads its script from another host,
pastes labels into code, and may delete other people's files. Three of its attributes are replaced here:
images are addresses of our lossless route, its script comes from us, labels are escaped. It can neither zoom
nor vote, and the page says so. The package is optional: without it there is a sentence instead.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import streamlit as st
import streamlit.components.v1 as components_v1

from core.records import Size
from pages.components import session
from pages.routes.assets import version
from pages.web.headers import nonce

PACKAGE = "streamlit_image_comparison"
_CDN = "https://cdn.knightlab.com/libs/juxtapose/latest"
_STYLE = """<style>
  html, body { margin: 0; background: #777; }
  .jx-image { background: conic-gradient(#ccc 25%, #fff 0 50%, #ccc 0 75%, #fff 0) 0 0 / 16px 16px; }
  .jx-knightlab { display: none; }
</style>
<script>
  // Names for screen readers, which JuxtaposeJS leaves out.
  addEventListener("load", () => new MutationObserver(() => {
    for (const side of document.querySelectorAll(".jx-image")) {
      side.querySelector("img").alt = side.querySelector(".jx-label")?.textContent ?? "Render";
    }
    document.querySelector("[role=slider]")?.setAttribute("aria-label", "Slider");
  }).observe(document.body, { childList: true, subtree: true }));
</script>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """What the package takes for a Pillow image: a size, and an address in place of bytes."""

    size: Size
    address: str


def is_installed() -> bool:
    """Whether the optional package is here."""
    return importlib.util.find_spec(PACKAGE) is not None


def classic_slider(
    baseline_digest: str, candidate_digest: str, size: Size, labels: tuple[str, str], *, width: int = 704
) -> None:
    """Two stored renders of one size under the classic slider, in a frame ``width`` CSS pixels wide."""
    if not is_installed():
        st.caption("The classic slider needs the package `streamlit-image-comparison`.")
        return
    st.caption("Classic slider: no zoom, no vote. Judge on the light table.")
    digests = (baseline_digest, candidate_digest)
    images = [StoredImage(size=size, address=_address(digest)) for digest in digests]
    _package().image_comparison(*images, *map(in_script, labels), width=width, in_memory=True)


def in_script(label: str) -> str:
    r"""A label that stays inside the quotes it is pasted into, whatever it holds.

    >>> print(in_script("designer's"))
    designer\u0027s
    """
    return "".join(char if char.isalnum() or char == " " else _unicode_escape(char) for char in label)


def _unicode_escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


@cache
def _package() -> Any:
    """The package with its three harmful attributes replaced."""
    if not hasattr(components_v1, "html"):  # it is only named in an annotation, but import needs the name
        named: Any = components_v1
        named.html = None
    package: Any = importlib.import_module(PACKAGE)
    package.components = SimpleNamespace(html=_show)
    package.read_image_as_pil = lambda image: image
    package.pillow_to_base64 = lambda image: image.address
    return package


def _show(html: str, *, height: int, width: int) -> None:
    """The package's page in a frame of our own, at full height, with its script from this app.

    Labels are letters and escapes (:func:`in_script`), so every ``<script`` here is the package's or ours.
    """
    ours = html.replace(f"{_CDN}/css/", _root()).replace(f"{_CDN}/js/", _root()).replace(".min.js", ".js")
    allowed = (_STYLE + ours).replace("<script", f'<script nonce="{nonce()}"')
    st.iframe(allowed, width=width, height=round(height / 0.95), alt="Classic slider of the two renders")


def _root() -> str:
    return f"/api/ui/{version()}/"


def _address(digest: str) -> str:
    """An ``<img>`` cannot send a header, so the token of that picture is part of the address."""
    return f"/api/img/{digest}?t={session.picture_token(digest)}"
