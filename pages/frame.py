"""The frame round every page: what the app is called, who is reviewing, where one can go.

Runs on every rerun, for every address, before the page itself; whatever a page raises is answered here, in
words, and the line that says who is reviewing stays.
"""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from pages.components import identity, session, states


def home() -> None:
    """The bare address leads to the desk, whose own address is the same in every shared link."""
    st.switch_page(REVIEW, query_params=st.query_params.to_dict())


REVIEW = st.Page(
    "designers/review.py",
    title="Review",
    icon=":material/compare:",
    help="Judge pairs blind, one after the other.",
)
PAGES = [
    st.Page(home, title="Start", default=True, visibility="hidden"),
    REVIEW,
    st.Page(
        "designers/compare.py",
        title="Compare",
        icon=":material/edit_note:",
        help="Any prompt and seed on two models, now.",
    ),
    st.Page(
        "designers/golden_set.py",
        title="Golden set",
        icon=":material/verified:",
        help="Accepted and rejected images, frozen as numbered versions.",
    ),
    st.Page(
        "engineers/runs.py",
        title="Runs",
        icon=":material/playlist_play:",
        help="Start a suite, watch its progress, see what failed.",
    ),
    st.Page(
        "engineers/replay.py",
        title="Replay",
        icon=":material/replay:",
        help="Make any render again from its recipe and see whether it is the same.",
    ),
    st.Page(
        "engineers/models.py",
        title="Models",
        icon=":material/deployed_code:",
        help="What is declared, what each model promises, whether its parts fit.",
    ),
    st.Page(
        "leads/rollouts.py",
        title="Rollouts",
        icon=":material/rocket_launch:",
        help="Can it ship? The gates, the evidence, the decision.",
    ),
    st.Page(
        "leads/insights.py",
        title="Insights",
        icon=":material/insights:",
        help="Verdicts, win rate, speed and cost over time.",
    ),
]

MARK = Path(__file__).parent / "components" / "mark.svg"
# First of all: a page's Material icon would be fetched from a host of Google's for the browser tab.
st.set_page_config(page_icon=MARK, layout="wide")
st.logo(MARK, size="medium")
page = st.navigation(PAGES, position="top")
st.set_page_config(page_title=f"{page.title} · Sidegrade")
with states.answered("who is reviewing"):
    if identity.is_known():
        states.database_gone(lambda: session.store().require_present())
        with suppress(states.PageEnds), states.answered(f"the page {page.title}"):
            page.run()
        identity.footer()
