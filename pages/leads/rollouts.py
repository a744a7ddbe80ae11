"""Rollouts: can it ship? Where the decision stands, then every gate, how the evidence grew, and who signs."""

import streamlit as st

from core.gates.policies import find_policy
from core.rollout.decision import current
from core.rollout.headline import headline
from pages.components import gates, growth, rollouts, runs, session, states, tables
from pages.components.formatting import escaped, prose
from services.rollouts import latch, policy_of, sign, start
from services.runs import suite_runs

store, settings, me, now = session.store(), session.settings(), session.reviewer(), session.now()

st.title("Rollouts", anchor=False)
known = suite_runs(store, limit=100)
if not known:
    states.nothing_yet("Nothing to decide yet", "Start a run on the Runs page; its evidence is judged here.")

left, right = st.columns([5, 2], gap="large")
with left:
    run = store.runs.get(tables.choose("Run", runs.choices(known, now), parameter="run"))
rollout = current(run.id, store.decisions.events(run.id))
with right:
    if rollout.started_by is None:
        titles = rollouts.policies(settings.policies_folder)
        policy = find_policy(settings.policies_folder, tables.choose("Policy", titles, parameter="policy"))
    else:
        policy = policy_of(store, settings, rollout)
        rollouts.fixed_policy(policy, settings.policies_folder)
judged = latch(store, rollouts.judged_recently(store, settings, run, policy, now), now)

st.header(prose(headline(judged.rollout, judged.basis, judged.evidence)), anchor=False)
rollouts.under_the_headline(judged, now)
evidence, decision = st.columns([5, 2], gap="large")
with evidence:
    gates.gates(judged.basis.results, decided=judged.rollout.analysis_id is not None)
    if judged.growth is not None and judged.rollout.started_by is not None:
        st.header("How the evidence grew", anchor=False)
        growth.growth(judged.growth)
    if judged.plan is not None:
        st.header("What this plan can and cannot detect", anchor=False)
        growth.detectable(judged.plan, policy)
    with st.expander(f"The policy {policy.name}, whole"):
        st.code(policy.text, language="toml")
with decision:
    st.header("Decision", anchor=False)
    rollouts.state_notice(judged)
    with states.answered():
        if judged.rollout.started_by is None:
            rollouts.met_before(store.pairs.met_elsewhere(run.id))
            if st.button(
                f"Start under {policy.name} as {escaped(me)}", type="primary", icon=":material/flag:"
            ):
                start(store, judged, me, now)
                st.rerun()
        elif not judged.rollout.is_over and (signed := rollouts.signature(judged, me, now)):
            sign(store, judged, by=me, now=now, **signed._asdict())
            st.rerun()
    st.caption(rollouts.attempts(run, store.runs.attempts(run.baseline_digest, run.candidate_digest)))
    rollouts.history(store.decisions.events(run.id), now)
