"""The comparison viewer as a Streamlit component: values in, a light table on the page.

Its modules and style sheet lie in ``assets/`` and are served by :mod:`pages.routes.assets`; the component
only imports the first of them, so a rerun sends a few hundred bytes and never an image.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from core.records import Arm, Pin, Size
from pages.components import session
from pages.components.classic_slider import classic_slider
from pages.components.states import answered
from pages.routes.assets import files, version

_MODULES = sorted(name for name in files() if name.endswith(".js") and name != "juxtapose.js")
_DOOR = f"""
const root = new URL("api/ui/{version()}/", document.baseURI);
for (const name of {json.dumps(_MODULES)}) {{  // all at once, not one import after the other
  const link = document.createElement("link");
  document.head.append(Object.assign(link, {{ rel: "modulepreload", href: new URL(name, root) }}));
}}
const {{ default: mount }} = await import(new URL("main.js", root));
export default mount;
"""
_component = st.components.v2.component("sidegrade_viewer", js=_DOOR)


def review_desk() -> None:
    """The whole review desk: queue, viewer, verdicts. It talks to the app's own routes."""
    _component(key="desk", data=_signed({"kind": "desk"}), on_renew_change=lambda: None)


def compare_viewer(
    baseline_digest: str | None,
    candidate_digest: str | None,
    labels: tuple[str, str] = ("Baseline", "Candidate"),
    *,
    key: str,
    height: int = 560,
    pair_id: str | None = None,
    prompt: str = "",
    pins: Sequence[Pin] = (),
) -> None:
    """Two named renders on the light table, to look at only; a digest of None leaves its side empty.

    ``height`` is in CSS pixels. With ``pair_id``, lines of text can be visited as well. Two renders of one
    size can also be seen under the classic slider.
    """
    sides = zip(("a", "b"), (baseline_digest, candidate_digest), labels, strict=True)
    data = {name: {"digest": digest, "label": label} for name, digest, label in sides}
    words = {"kind": "compare", "height": height, "pair": pair_id, "prompt": prompt}
    shown = [_pin(pin) for pin in pins]
    _component(key=key, data=_signed(data | words | {"pins": shown}), on_renew_change=lambda: None)
    if baseline_digest and candidate_digest and st.toggle("Classic slider", key=f"{key}-classic"):
        with answered("the classic slider"):
            _classic(baseline_digest, candidate_digest, labels)


def _classic(baseline_digest: str, candidate_digest: str, labels: tuple[str, str]) -> None:
    blobs = session.store().blobs
    before, after = blobs.open(baseline_digest).size, blobs.open(candidate_digest).size
    if before != after:
        st.caption("The classic slider cannot show two sizes without scaling one of them.")
        return
    classic_slider(baseline_digest, candidate_digest, Size(*before), labels)


def _signed(data: dict[str, object]) -> dict[str, object]:
    """The data with the token of this session's reviewer."""
    return data | {"reviewer": session.reviewer(), "token": session.image_token()}


def _pin(pin: Pin) -> dict[str, object]:
    side = None if pin.arm is None else "a" if pin.arm is Arm.BASELINE else "b"
    return {name: value for name, value in asdict(pin).items() if name != "arm"} | {"side": side}
