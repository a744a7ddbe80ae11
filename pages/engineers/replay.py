"""Replay: find any render, see its whole recipe, make it again, and learn whether and why it differs.

A recipe names its model, so a picture that may still be judged blind is asked about first.
"""

import streamlit as st

from core.recipes.recipe import read_recipe
from core.records import Render
from pages.components import comparison, naming, polling, replays, session, states, tables
from pages.components.formatting import escaped

store, me, now = session.store(), session.reviewer(), session.now()

st.title("Replay", anchor=False)
left, right = st.columns([3, 2], gap="large")
words, dropped = replays.search(left), replays.drop(right)
named = st.query_params.get("render", "")
found: list[Render] = []
told: set[str] = set()
if dropped is not None:
    with states.answered():
        recipe = read_recipe(dropped)
        found, alike = replays.of_file(store, dropped, recipe)
        told = naming.told(store, alike, me, now, deed="Show the recipe")
        if not found and told == alike:
            st.warning("This file was not drawn here. Its recipe is complete:", icon=":material/help:")
            replays.recipe(recipe)
elif words or named:
    found = store.renders.find(words or named)
    if not found:
        states.empty("Nothing found", "No id, pixel digest or pair begins like that, and no case.")
    told = naming.told(store, {render.pair_id for render in found}, me, now, deed="Show the names")
else:
    states.empty("Which render?", "Type the beginning of an id, a digest or a case above, or drop its PNG.")

if found := [render for render in found if render.pair_id in told]:
    chosen = tables.pick(replays.rows(found, now), parameter="render", alt="Renders found")
    render = store.renders.get(chosen)
    history = store.replays.of_render(render.id)
    jobs = store.jobs.of_subject(render.id)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header(escaped(render.recipe.prompt), anchor=False)
        replays.facts(render)
        if jobs and not comparison.has_ended(jobs[-1]):
            states.workers(store.workers.list(), store.now())
            polling.watch(lambda: comparison.under_way(store.jobs.get(jobs[-1].id)))
        elif replays.asked_again(render):
            store.jobs.request_replay(render.id, now)
            st.rerun()
        if render.failure is not None:
            states.failed(render.failure)
        if jobs and jobs[-1].failure is not None:
            states.failed(jobs[-1].failure, about="the last replay")
        for replay in history[:1]:
            replays.report(replay, now)
        again = history[0].digest_after if history else None
        replays.before_and_after(render, again)
        st.code(f"sidegrade replay {render.id}", language="bash")
    with right:
        replays.recipe(render.recipe)
        for replay in history[1:]:
            st.caption(replays.in_a_line(replay, now))
