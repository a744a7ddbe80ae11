"""Golden set: the images that reviewers accepted or refused, label by label, and its frozen versions."""

import streamlit as st

from core.formatting import count
from pages.components import downloads, golden, session, states
from pages.components.gallery import gallery
from services.golden import freeze, promote, relabel, undo_last_change

store, me, now = session.store(), session.reviewer(), session.now()
labelled, versions = store.golden.entries(limit=10_000), store.golden.versions()

st.title("Golden set", anchor=False)
golden.sentence(labelled, versions)
view = golden.views()

if view == "Browse" and not labelled:
    states.empty(
        "Nothing is labelled yet",
        "Judge pairs on the Review page; then turn verdicts into labels under *Promote*.",
    )
elif view == "Browse":
    label, tag = golden.filters(sorted({tag for entry in labelled for tag in entry.tags}))
    found = store.golden.entries(label, tag=tag, limit=10_000)
    wall, side = st.columns([3, 1], gap="large")
    with wall:
        picked = gallery(
            golden.page_of(found),
            token=session.image_token(),
            key="wall",
            label="Golden set",
            selected=st.query_params.get("entry"),
        )
        if picked:
            st.query_params["entry"] = picked
            st.rerun()
    with side:
        chosen = next((one for one in found if golden.key(one) == st.query_params.get("entry")), None)
        if chosen is None:
            st.caption("Pick an image to see who labelled it and why, to relabel or to retire it.")
        else:
            golden.details(chosen, store.golden.history(chosen.case_digest, chosen.render_digest), now)
            if st.button("Take the last change back", icon=":material/undo:", type="tertiary"):
                undo_last_change(store, chosen, me, now)
                st.rerun()
            if (changed := golden.relabelling(chosen, me)) is not None:
                relabel(store, chosen, by=me, now=now, **changed._asdict())
                st.rerun()
elif view == "Promote":
    rule = golden.rule_form()
    changes = store.golden.preview(now, rule)
    if not changes:
        states.empty("Nothing to promote", "No standing verdict leads to another label under this rule.")
    else:
        cases = store.suites.cases(event.case_digest for event in changes)
        if st.button(f"Apply {count(len(changes), 'change')}", type="primary", icon=":material/done_all:"):
            promote(store, rule, now)
            st.rerun()
        tiles = [golden.change_tile(event, cases.get(event.case_digest)) for event in changes]
        gallery(tiles, token=session.image_token(), key="preview", label="What the rule would change")
else:
    if labelled:
        golden.coverage(labelled)
    note = golden.freeze_form(me, disabled=not labelled)
    if note is not None:
        freeze(store, me, note, now)
        st.rerun()
    if versions:
        golden.versions_table(versions, now)
    for version in versions[:5]:
        downloads.golden_version(store, version, me, now)
