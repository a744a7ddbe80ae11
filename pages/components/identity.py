"""Asks once who is reviewing, where no login is configured; the browser keeps the name for the next visit.

The name is not put into the address: a shared link would carry its sender's name into the reader's verdicts.
"""

from __future__ import annotations

import streamlit as st

from core.access.person import MAX_NAME
from core.errors import InvalidInput
from pages.components import session, states
from pages.components.formatting import escaped

_MEMORY_JS = """
const KEY = "sidegrade.reviewer";
export default function ({ data, setStateValue }) {
  let kept = "";
  try {
    if (data.name === null) kept = localStorage.getItem(KEY) ?? "";
    else localStorage.setItem(KEY, data.name);
  } catch { /* storage is switched off: ask on every visit */ }
  if (data.name === null) setStateValue("name", kept);
}
"""
_memory = st.components.v2.component("sidegrade_reviewer", js=_MEMORY_JS)


def is_known() -> bool:
    """True when this session has a reviewer; otherwise the page asks for one, or says why it has none."""
    try:
        if session.known_reviewer() is None:
            if session.login_is_configured():
                _log_in()
            else:
                _ask()
        return session.known_reviewer() is not None
    except InvalidInput as error:
        _turn_away(error)
        return False


def footer() -> None:
    """One line at the end of every page: under which name this session works, and the way to another."""
    with st.container(horizontal=True, vertical_alignment="center", key="reviewing-as"):
        st.caption(f"Reviewing as {escaped(session.reviewer())}", width="content")
        if session.login_is_configured():
            st.button("Log out", type="tertiary", on_click=st.logout)
        else:
            st.button("Not you?", type="tertiary", on_click=session.sign_out)
            _memory(data={"name": session.reviewer()}, key="reviewer-keep")


def _log_in() -> None:
    st.title("Sidegrade")
    st.write("Log in to judge, replay and decide.")
    st.button("Log in", type="primary", on_click=st.login)


def _turn_away(error: InvalidInput) -> None:
    """The login or the environment gives no name that a verdict can stand under: why, and what to do."""
    st.title("You cannot work under this name", anchor=False)
    states.refused(error)
    if session.login_is_configured():
        st.button("Log out", on_click=st.logout)


def _ask() -> None:
    refusal = None
    if not session.has_signed_out():
        kept = _memory(data={"name": None}, key="reviewer-ask", on_name_change=lambda: None).name
        if kept:
            try:
                session.sign_in(kept)
            except InvalidInput as error:
                refusal = error
            else:
                st.rerun()
        if kept is None:
            return  # the browser has not answered yet: no form that would vanish again
    with st.container(width=460), st.form("who", border=False):
        st.title("Who is reviewing?", anchor=False)
        st.write("Your name stands beside every verdict and decision you make. This browser remembers it.")
        if refusal is not None:
            st.caption("This browser remembers a name that cannot be used:")
            states.refused(refusal)
        name = st.text_input("Your name", max_chars=MAX_NAME, autocomplete="name")
        if st.form_submit_button("Start", type="primary"):
            _accept(name)


def _accept(name: str) -> None:
    try:
        session.sign_in(name)
    except InvalidInput as error:
        states.refused(error)
        return
    st.rerun()
