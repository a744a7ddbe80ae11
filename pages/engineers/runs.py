"""Runs: ask for a suite on two models, watch it being rendered, see what failed and what to do about it."""

import streamlit as st

from core.formatting import count
from pages.components import findings, naming, polling, run_requests, runs, session, states, tables
from pages.components.formatting import short

store, settings, now = session.store(), session.settings(), session.now()

st.title("Runs", anchor=False)
states.workers(store.workers.list(), store.now())
known = store.runs.list(limit=200)
start_box = st.expander("Start a run", icon=":material/add:", expanded=not known)
with st.expander("Bring your own prompts", icon=":material/upload:"), states.answered():
    run_requests.own_prompts(store, settings, now)
with start_box, states.answered():
    if (started := run_requests.suite_run(store, settings, session.reviewer(), now)) is not None:
        st.query_params["run"] = short(started.id)
        st.rerun()

if not known:
    states.nothing_yet(
        "No run yet", "A run draws every case of a suite on two models. Start the first one above."
    )

progress = {run.id: store.runs.progress(run.id) for run in known}
chosen = tables.pick(
    {run.id: runs.row(run, progress[run.id], now) for run in known},
    parameter="run",
    columns=runs.COLUMNS,
    alt="Runs, newest first; pick one to see its pairs and failures",
)
run = store.runs.get(chosen)
runs.heading(run, now)

if progress[run.id].finished < progress[run.id].total:
    if st.button("Cancel what is left", icon=":material/cancel:"):
        store.runs.cancel(run.id, now)
        st.rerun()
    polling.watch(lambda: runs.under_way(store.runs.progress(run.id), store.jobs.of_run(run.id)))
else:
    states.progress(progress[run.id])
    missing = progress[run.id].failed + progress[run.id].cancelled
    if missing and st.button(f"Try {count(missing, 'pair')} again", icon=":material/refresh:"):
        store.jobs.retry(run.id, now)
        st.rerun()

pairs, renders = store.pairs.of_run(run.id), store.renders.of_run(run.id)
runs.failures(pairs, renders, store.jobs.of_run(run.id))
runs.pairs(pairs, renders)

found = store.measurements.of_run(run.id)
broken, repeats = findings.broken(pairs, found), findings.repeats(pairs, renders, found)
telling = {*broken, *findings.repeating(repeats)}
told = naming.told(store, telling, session.reviewer(), now, deed="Show what broke")
findings.same_pictures(pairs, repeats, told)
st.header("What broke", anchor=False)
if not broken:
    st.caption(findings.nothing_broke(found))
else:
    share = f"{len(broken):,} of {count(len(pairs), 'pair')}"
    st.caption(f"On the candidate in {share}. What it means for the rollout is for the gates to say.")
    if rows := {pair_id: findings.row(one) for pair_id, one in broken.items() if pair_id in told}:
        worst = tables.pick(rows, parameter="pair", alt="Pairs with findings; pick one to see where they are")
        findings.over_the_pictures(broken[worst], renders[worst], store.blobs.open, store.selftests.latest())
findings.machine_notes(pairs, renders, found)
findings.ladder(found)
