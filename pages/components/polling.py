"""Watches what a worker does: redraws every second without rerunning the page, at the end the page once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.components import states

EVERY_SECONDS = 1.0


def watch(draw: Callable[[], bool]) -> None:
    """Call ``draw`` now and every second; when it says that the work is done, rerun the whole page."""

    @st.fragment(run_every=EVERY_SECONDS)
    def ticking() -> None:
        done = False
        with states.answered("what is under way"):
            done = draw()
        if done:
            st.rerun()

    ticking()
