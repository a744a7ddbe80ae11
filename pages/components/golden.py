"""How the golden set looks: its sentence, its wall, one image and its history, what a rule would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.formatting import ago, count
from core.golden.promotion import RULE_PREFIX, PromotionRule, TriagedRender
from core.records import Case, GoldenVersion, Reason, TriageEvent, TriageLabel
from pages.components.formatting import escaped, short
from pages.components.gallery import Tile

NAMES = {
    TriageLabel.POSITIVE: "positive",
    TriageLabel.NEGATIVE: "negative",
    TriageLabel.UNTRIAGED: "retired",
}
PER_PAGE = 60
TONES = {TriageLabel.POSITIVE: "good", TriageLabel.NEGATIVE: "bad", TriageLabel.UNTRIAGED: "quiet"}


def sentence(entries: Sequence[TriagedRender], versions: Sequence[GoldenVersion]) -> None:
    """What the set holds now and how far that is from its last frozen version."""
    labels = Counter(entry.label for entry in entries)
    positives, negatives = labels[TriageLabel.POSITIVE], labels[TriageLabel.NEGATIVE]
    cases = len({entry.case_digest for entry in entries})
    held = f"{count(positives, 'positive')} and {count(negatives, 'negative')} for {count(cases, 'case')}"
    st.markdown(f"**{held}.** {_since_version(entries, versions)}")


def _since_version(entries: Sequence[TriagedRender], versions: Sequence[GoldenVersion]) -> str:
    if not versions:
        return "No version is frozen yet."
    newest = versions[0]
    frozen = {(entry.case_digest, entry.render_digest, entry.label) for entry in newest.entries}
    changes = len(frozen ^ {(entry.case_digest, entry.render_digest, entry.label) for entry in entries})
    name = f"version {newest.number}"
    return f"Identical to {name}." if not changes else f"{count(changes, 'change')} since {name}."


def key(entry: TriagedRender) -> str:
    """What an entry is called in the address: case and pixels, shortened."""
    return f"{short(entry.case_digest).removeprefix('case_')}-{short(entry.render_digest)}"


def tile(entry: TriagedRender) -> Tile:
    """An entry on the wall."""
    return Tile(
        id=key(entry),
        digest=entry.render_digest,
        title=entry.case_name,
        subtitle=", ".join(entry.tags),
        mark=NAMES[entry.label],
        tone=TONES[entry.label],
        alt=f"{entry.case_name}: {entry.prompt}",
    )


def page_of(entries: Sequence[TriagedRender]) -> list[Tile]:
    """The tiles of one page; a pager above them when there are several."""
    pages = -(-len(entries) // PER_PAGE)
    start = ((st.pagination(pages) if pages > 1 else 1) - 1) * PER_PAGE
    return [tile(entry) for entry in entries[start : start + PER_PAGE]]


def details(entry: TriagedRender, history: Sequence[TriageEvent], now: datetime) -> None:
    """One entry in words, with everything that ever happened to its label."""
    st.header(escaped(entry.case_name), anchor=False)
    st.text(entry.prompt)
    for event in reversed(history):
        st.caption(_event_in_words(event, now))


def _event_in_words(event: TriageEvent, now: datetime) -> str:
    reasons = f" ({', '.join(event.reasons)})" if event.reasons else ""
    note = f" “{escaped(event.note)}”" if event.note else ""
    rule = event.by.startswith(RULE_PREFIX)
    by = escaped(f"the rule {event.by.removeprefix(RULE_PREFIX)}" if rule else event.by)
    return f"**{NAMES[event.label_after]}**{reasons} by {by}, {ago(event.created_at, now)}{note}"


def rule_form() -> PromotionRule:
    """How many reviewers make a positive, and how many may disagree."""
    with st.container(horizontal=True):
        reviewers = st.number_input(
            "Reviewers who accept", 1, 20, 2, key="reviewers", bind="query-params", width=220
        )
        against = st.number_input(
            "Reviewers against, at most", 0, 20, 0, key="against", bind="query-params", width=220
        )
    return PromotionRule(
        name=f"{reviewers}-for-{against}-against", reviewers=int(reviewers), against=int(against)
    )


def change_tile(event: TriageEvent, case: Case | None) -> Tile:
    """What a rule would change, on the wall."""
    name = case.name if case else short(event.case_digest)
    return Tile(
        id=event.uuid,
        digest=event.render_digest,
        title=name,
        subtitle=", ".join(event.reasons),
        mark=f"{event.label_before} → {event.label_after}",
        tone=TONES[event.label_after],
        alt=f"{name}: {case.prompt if case else ''}",
    )


def coverage(entries: Iterable[TriagedRender], thin_below: int = 3) -> None:
    """Positives and negatives of each tag; tags with few positives are named."""
    by_tag: dict[str, Counter[str]] = {}
    for entry in entries:
        for tag in entry.tags or ("(no tag)",):
            by_tag.setdefault(tag, Counter())[NAMES[entry.label]] += 1
    rows = [
        {
            "Tag": escaped(tag),
            "Positives": labels["positive"],
            "Negatives": labels["negative"],
            "": ":orange[:material/warning: thin]" if labels["positive"] < thin_below else "",
        }
        for tag, labels in sorted(by_tag.items())
    ]
    st.table(pd.DataFrame(rows).set_index("Tag"), border="horizontal", alt="How many images each tag has")


def views() -> str:
    """Which part of the page to show.

    Radio buttons here and below: a segment or pill that is chosen is written in the accent colour, which on
    the dark theme is too dim to read.
    """
    parts = ["Browse", "Promote", "Versions"]
    return st.radio(
        "Show", parts, horizontal=True, key="view", bind="query-params", label_visibility="collapsed"
    )


def freeze_form(by: str, *, disabled: bool) -> str | None:
    """The note of a new version; None until it is sent."""
    with st.form("freeze", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        note = st.text_input("Note for this version", max_chars=500, placeholder="why now, what changed")
        sent = st.form_submit_button(f"Freeze as {escaped(by)}", type="primary", disabled=disabled)
    return note if sent else None


def filters(tags: Sequence[str]) -> tuple[TriageLabel | None, str | None]:
    """Which labels and which tag to show; None for all positives and negatives, for every tag."""
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        names = ["accepted and refused", *NAMES.values()]
        name = st.radio("Label", names, horizontal=True, key="label", bind="query-params")
        every = "every tag"
        tag = st.selectbox("Tag", [every, *tags], key="tag", bind="query-params", width=220)
    label = next((label for label, words in NAMES.items() if words == name), None)
    return label, None if tag == every else tag


class Relabelling(NamedTuple):
    """Another label for an image, and why."""

    label: TriageLabel
    reasons: Sequence[Reason]
    note: str


def relabelling(entry: TriagedRender, by: str) -> Relabelling | None:
    """Accept, refuse or retire an image with reasons and a note; None until it is sent."""
    with st.form("relabel", border=False):
        others = [label for label in NAMES if label is not entry.label]
        label = st.radio("Change to", others, format_func=NAMES.get, horizontal=True)
        reasons = st.multiselect("Reasons", [*Reason])
        note = st.text_input("Note", max_chars=500)
        sent = st.form_submit_button(f"Save as {escaped(by)}", type="primary")
    return Relabelling(label, reasons, note) if sent else None


def versions_table(versions: Sequence[GoldenVersion], now: datetime) -> None:
    """The frozen versions, newest first."""
    rows = [
        {
            "Version": f"**{version.number}**",
            "Positives": sum(entry.label is TriageLabel.POSITIVE for entry in version.entries),
            "Negatives": sum(entry.label is TriageLabel.NEGATIVE for entry in version.entries),
            "Frozen by": escaped(version.frozen_by),
            "When": ago(version.created_at, now),
            "Note": escaped(version.note),
            "Digest": f"`{short(version.digest)}`",
        }
        for version in versions
    ]
    st.table(pd.DataFrame(rows), border="horizontal", alt="Frozen versions of the golden set")
