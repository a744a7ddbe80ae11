"""How an override is asked for: against which gates, that the candidate ships, and its name typed out."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import streamlit as st

from core.records import GateResult, RolloutAction, RolloutState
from core.rollout.headline import holding_back
from pages.components.formatting import escaped, prose
from pages.components.gates import LOOKS, NEEDED
from services.rollouts import JudgedRun, objection


class Signature(NamedTuple):
    """What a person asks to sign."""

    action: RolloutAction
    note: str
    confirmed: str = ""
    """The candidate's name as it was typed, for an override."""


def signature(judged: JudgedRun, me: str, now: datetime) -> Signature | None:
    """An override once it is sent, behind a fold; ``services.rollouts.sign`` checks the typed name."""
    if judged.rollout.state is RolloutState.READY:
        return None  # the evidence says yes: there is nothing to override
    with st.expander("Override the evidence", icon=":material/gavel:"):
        if why := objection(judged, RolloutAction.OVERRIDE, me, now):
            st.caption(prose(why))
            return None
        with st.form("override", border=False):
            return _form(judged, me)


def _line(result: GateResult) -> str:
    return f"- **{escaped(result.title)}** {LOOKS[result.outcome][0]} ({NEEDED[result.requirement]})"


def _form(judged: JudgedRun, me: str) -> Signature | None:
    candidate = escaped(judged.evidence.run.candidate)
    st.markdown(f"{candidate} then **ships**, against these gates:")
    st.markdown("\n".join(_line(result) for result in holding_back(judged.basis)))
    note = st.text_area("Reason", height=80, placeholder="Why; it stays for ever.")
    typed = st.text_input(f"Type the name of the candidate, {candidate}")
    sent = st.form_submit_button(f"Ship {candidate} as {escaped(me)}", icon=":material/gavel:")
    return Signature(RolloutAction.OVERRIDE, note, typed) if sent else None
