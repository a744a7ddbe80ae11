"""Insights: what reviewers said, where the candidate wins or loses, how fast it is and what it costs."""

import streamlit as st

from core.config.models import load_models
from core.records import Arm
from pages.components import charts, runs, session, states, summaries, tables
from services.insights import summary, values
from services.runs import suite_runs

store, settings, now = session.store(), session.settings(), session.now()

st.title("Insights", anchor=False)
known = suite_runs(store, limit=100)
if not known:
    states.nothing_yet(
        "Nothing to add up yet", "Start a run on the Runs page and judge its pairs on the Review page."
    )

run = store.runs.get(tables.choose("Run", runs.choices(known, now), parameter="run"))
found = summary(store, run.id, runs.models(run, load_models(settings.models_file)))
counts, costs = found.counts, found.costs
st.markdown(summaries.sentence(counts, found.ratios["latency_ms"], found.cost_usd, run.candidate))
st.caption(summaries.HOW_TO_READ)

verdicts, money = st.columns(2, gap="large")
with verdicts:
    st.header("Verdicts", anchor=False)
    if not counts.total:
        states.empty("No verdict yet", "Pairs wait on the Review page.", icon=":material/compare:")
    else:
        charts.outcomes(summaries.outcomes(counts, run.baseline, run.candidate), alt="Verdicts by outcome")
        charts.rates(
            [summaries.win_rate(counts)],
            reference=0.5,
            reference_label="no difference",
            alt="Share of decisive verdicts that the candidate wins",
        )
with money:
    st.header("Speed and cost", anchor=False, help=summaries.WARM_UP)
    if not costs:
        states.empty("No timing yet", summaries.NO_TIMING, icon=":material/timer:")
    else:
        for field, unit, title in summaries.TIMINGS:
            st.markdown(f"**{title}** {summaries.comparison(found.ratios[field])}")
            arms = {arm.value: values(costs, arm, field) for arm in Arm}
            charts.two_arms(arms, unit=unit, alt=f"{title} of both models")
        if found.sampled_of is not None:
            st.caption(summaries.sample(len({cost.pair_id for cost in costs}), found.sampled_of))
        st.table(summaries.cost_rows(found.cost_usd, run), border="horizontal", alt="Cost of 1,000 images")

if counts.total:
    st.header("Approval", anchor=False, help=summaries.APPROVAL)
    by_tag, over_time = st.columns(2, gap="large")
    half, told = 0.5, "half of the verdicts"
    with by_tag:
        by = summaries.approvals(store.insights.by_tag(run.id))
        charts.rates(by, reference=half, reference_label=told, alt="Approval by tag")
    with over_time:
        by = summaries.approvals(store.insights.by_day(run.id))
        charts.rates_over_time(by, reference=half, reference_label=told, alt="Approval by day")
    st.header("Who judged, and why", anchor=False)
    left, right = st.columns(2, gap="large")
    left.table(
        summaries.reviewer_rows(store.insights.by_reviewer(run.id)),
        border="horizontal",
        alt="Verdicts by reviewer",
    )
    right.table(
        summaries.reason_rows(store.insights.reasons(run.id)), border="horizontal", alt="Reasons by outcome"
    )
