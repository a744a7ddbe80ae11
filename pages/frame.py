"""The frame round every page: what the app is called, who is reviewing, where one can go.

Runs on every rerun, for every address, before the page itself; a page that raises one of our errors is
answered here, in words.
"""

from pathlib import Path

import streamlit as st

from core.errors import SidegradeError
from pages.components import identity, states

PAGES = [
    st.Page(
        "designers/review.py",
        title="Review",
        icon=":material/compare:",
        help="Judge pairs blind, one after the other.",
        default=True,
    ),
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
# A Material icon here would be fetched from a host of Google's: the browser tab gets our own file.
st.set_page_config(page_title="Sidegrade", page_icon=MARK, layout="wide")
st.logo(MARK, size="medium")
page = st.navigation(PAGES, position="top")
if identity.is_known():
    body = st.container()
    identity.footer()  # before the page, which may stop the run early
    with body:
        try:
            page.run()
        except SidegradeError as error:
            states.refused(error)
