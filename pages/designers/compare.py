"""Compare: any prompt, seed and size on any two models, now; what comes out is an ordinary pair."""

import streamlit as st

from core.formatting import count
from pages.components import comparison, forms, naming, polling, run_requests, session, states
from pages.components.formatting import escaped
from pages.components.gallery import gallery
from pages.components.measurements import measurements
from services.runs import add_to_suite, comparisons, noise_floor_of

store, settings, me, now = session.store(), session.settings(), session.reviewer(), session.now()
pair_id = st.query_params.get("pair")
pair = store.pairs.get(pair_id) if pair_id else None
run = store.runs.get(pair.run_id) if pair else None
case = store.suites.case(pair.case_digest) if pair else None

st.title("Compare", anchor=False)
left, right = st.columns([2, 7], gap="large")
with left, states.answered():
    new = run_requests.comparison(store, settings, forms.as_asked(run, pair, case), me, now)
    if new is not None:
        st.query_params["pair"] = new.id
        st.rerun()

with right:
    if pair is None or run is None or case is None:  # all three, or none of them
        states.empty(
            "Nothing compared yet",
            "Type a prompt and press **Compare**. Both models draw it from the same seed, now.",
            icon=":material/compare:",
        )
    elif not comparison.has_ended(job := store.jobs.of_subject(pair.id)[-1]):
        states.workers(store.workers.list(), store.now())
        polling.watch(lambda: comparison.under_way(store.jobs.get(job.id)))
    elif naming.told(store, [pair.id], me, now):
        renders = store.renders.of_pair(pair.id)
        comparison.side_by_side(pair, run, case, renders)
        if comparison.missing(job):
            store.jobs.retry(job.id, now)
            st.rerun()
        comparison.facts(pair, renders)
        with st.container(horizontal=True, vertical_alignment="center"):
            comparison.ways_on(renders)
            added = comparison.suite_form(case, [suite.name for suite in store.suites.list()])
        if added is not None:
            with states.answered():
                suite = add_to_suite(store, settings, *added, now=now)
                st.success(f"**{escaped(suite.name)}** holds {count(len(suite.cases), 'case')} now.")
        floor = noise_floor_of(store, run.baseline_digest)
        measurements(store.measurements.of_pair(pair.id), store.selftests.latest(), floor)

earlier = {store.pairs.of_run(one.id)[0]: one for one in comparisons(store, limit=12)}
free = naming.without_cost(store, [one.id for one in earlier], me, now)
earlier = {one: its_run for one, its_run in earlier.items() if one.id in free}
tiles = comparison.tiles(earlier, store.renders.of_pairs(one.id for one in earlier))
if tiles:
    st.header("Earlier comparisons", anchor=False)
    picked = gallery(
        tiles, token=session.image_token(), key="earlier", label="Earlier comparisons", selected=pair_id
    )
    if picked:
        st.query_params["pair"] = picked
        st.rerun()
