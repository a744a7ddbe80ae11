"""How a decision looks: the sentence, each gate with its interval, the growth of the evidence, who signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from core.formatting import ago, count
from core.gates.policies import differences, list_policies, readable_policies
from core.gates.policy import Policy
from core.records import (
    Evidence,
    PicturesMet,
    RolloutAction,
    RolloutEvent,
    RolloutState,
    Run,
)
from core.review.units import countable_cases, planned_cases
from core.rollout.decision import Rollout, current
from core.rollout.headline import beneath, note_of
from pages.components import overriding, states
from pages.components.formatting import escaped, prose
from pages.components.overriding import Signature
from services.rollouts import JudgedRun, judge, met_in_words, objection

if TYPE_CHECKING:
    from core.config.settings import Settings
    from db.store import Store

LOOKED_FOR_SECONDS = 5
JUDGED_FOR_SECONDS = 60
"""Time alone changes evidence too: it grows stale, waivers end, units expire."""
USUAL_POLICY = "upgrade"
DEEDS = {
    RolloutAction.START: "started the rollout",
    RolloutAction.DECIDE: "judged the evidence",
    RolloutAction.APPROVE: "approved it",
    RolloutAction.REFUSE: "refused it",
    RolloutAction.OVERRIDE: "**overrode the evidence**",
}


def policies(folder: Path) -> dict[str, str]:
    """The policies to choose from, by name; the one for another model first."""
    files = list_policies(folder)
    states.left_out(files.broken.values())
    if not files.found:
        states.nothing_yet("No policy to judge by", f"Every rule stands in a file of `{folder.name}/`.")
    names = sorted(files.found, key=lambda name: name != USUAL_POLICY)
    return {name: f"{files.found[name].title} ({name})" for name in names}


def judged_recently(store: Store, settings: Settings, run: Run, policy: Policy, now: datetime) -> JudgedRun:
    """The run under a policy; judged again only when something was stored since, and after a minute.

    Thousands of cases take a second to judge, and every click on the page would wait for it. What comes in
    all the time, from a worker at its work, is looked at every few seconds; a lead's own step at once.
    """
    rollout = current(run.id, store.decisions.events(run.id))
    version = (*_version(store), rollout.events)
    return replace(_judged(settings, run, policy, version, store, now), rollout=rollout)


@st.cache_data(ttl=LOOKED_FOR_SECONDS, show_spinner=False)
def _version(_store: Store) -> tuple[int, ...]:
    return _store.evidence_version()


@st.cache_resource(ttl=JUDGED_FOR_SECONDS, max_entries=32, show_spinner="Judging the evidence …")
def _judged(
    settings: Settings, run: Run, policy: Policy, version: tuple[int, ...], _store: Store, _now: datetime
) -> JudgedRun:
    """``version`` belongs to the key: other evidence is judged anew."""
    return judge(_store, settings, run, policy, _now)


def fixed_policy(policy: Policy, folder: Path) -> None:
    """The policy that a started rollout keeps, and how its file differs by now."""
    st.caption("Policy, fixed at the start")
    st.markdown(f"{escaped(policy.title)} ({escaped(policy.name)})")
    file = readable_policies(folder).get(policy.name, policy)
    if changed := differences(policy, file):
        st.caption(f"The file has changed since ({escaped('; '.join(changed))}). This rollout keeps its own.")


def under_the_headline(judged: JudgedRun, now: datetime) -> None:
    """What the evidence says where the headline does not, and of which moment that is once it is decided."""
    if says := beneath(judged.rollout, judged.basis):
        st.markdown(prose(says))
    if judged.rollout.analysis_id is not None:
        decided = ago(judged.basis.created_at, now)
        st.caption(f"As it was decided {decided}; what came in since then changes nothing.")


def state_notice(judged: JudgedRun) -> None:
    """Where the rollout stands and what happens next."""
    rollout = judged.rollout
    by, note = escaped(rollout.signed_by or ""), escaped(rollout.note)
    under = f"under the policy **{escaped(judged.policy.title)}**"
    match rollout.state:
        case RolloutState.COLLECTING if rollout.started_by is None:
            st.info(
                f"Not started. This is how it stands now {under}. Verdicts count from the start on: start "
                "before anybody judges.",
                icon=":material/flag:",
            )
            _judged_already(judged.evidence)
        case RolloutState.COLLECTING:
            st.info(f"Collecting evidence {under}.", icon=":material/hourglass_empty:")
        case RolloutState.READY:
            who = escaped(rollout.started_by or "")
            st.success(f"The evidence says yes. Anybody but {who} can sign.", icon=":material/draw:")
        case RolloutState.APPROVED:
            st.success(f"Approved by {by}, on evidence. {note}", icon=":material/check_circle:")
        case RolloutState.REJECTED:
            st.error(
                "Rejected by the evidence: it does not ship. Another try is a new run, and is counted.",
                icon=":material/cancel:",
            )
        case RolloutState.REFUSED:
            st.error(f"Refused by {by}: {note}", icon=":material/block:")
        case RolloutState.INCONCLUSIVE:
            st.warning(
                "Inconclusive, and no verdict can change that. It does not ship; repeat with more cases.",
                icon=":material/help:",
            )
        case RolloutState.OVERRIDDEN:
            st.warning(f"Overridden by {by}, **not** on evidence: {note}", icon=":material/gavel:")


def met_before(met: PicturesMet) -> None:
    """How many pictures are not fresh to reviewers of another run, before the rollout is started."""
    if words := met_in_words(met):
        st.warning(f"{escaped(words)}.", icon=":material/visibility:")


def _judged_already(evidence: Evidence) -> None:
    """What the verdicts given so far cost the plan, before it is started."""
    planned, left = len(planned_cases(evidence)), len(countable_cases(evidence))
    if left < planned:
        st.warning(
            f"{planned - left:,} of {count(planned, 'planned case')} have been judged already. A start now "
            f"leaves them out and decides on the other {left:,}; the verdicts stay on Insights and in the "
            "golden set.",
            icon=":material/how_to_vote:",
        )


def attempts(run: Run, all_attempts: int) -> str:
    """Which attempt at these two models this is: trying again until it passes must be seen."""
    if all_attempts <= 1:
        return "First attempt with these two models."
    return f"Attempt {run.attempt} of {all_attempts} with these two models."


def signature(judged: JudgedRun, me: str, now: datetime) -> Signature | None:
    """Approve or refuse with a note, or override in a step of its own; what is not allowed says why."""
    steps: dict[RolloutAction, tuple[str, str, Literal["primary", "secondary"]]] = {
        RolloutAction.APPROVE: ("Approve", ":material/check:", "primary"),
        RolloutAction.REFUSE: ("Refuse", ":material/block:", "secondary"),
    }
    against = {action: objection(judged, action, me, now) for action in steps}
    with st.form("signature"):
        note = st.text_area("Note", height=80, placeholder="Why; a refusal needs a reason.")
        pressed = None
        with st.container(horizontal=True):
            for action, (label, icon, kind) in steps.items():
                why = against[action]
                text = f"{label} as {escaped(me)}"
                if st.form_submit_button(text, icon=icon, type=kind, disabled=why is not None, help=why):
                    pressed = action
        if against[RolloutAction.APPROVE]:
            st.caption(_why_closed(judged.rollout))
    overridden = overriding.signature(judged, me, now)
    return Signature(pressed, note) if pressed else overridden


def _why_closed(rollout: Rollout) -> str:
    """Why *Approve* cannot be pressed, for a reader who does not know the states by name."""
    if rollout.state is RolloutState.COLLECTING:
        return "Approval opens once every gate that must pass has passed."
    if rollout.state is RolloutState.READY:
        return "You started this rollout, so somebody else has to approve it."
    return "The evidence does not allow an approval."


def history(events: Sequence[RolloutEvent], now: datetime) -> None:
    """Everything that happened, oldest first."""
    for event in events:
        said = note_of(event)
        note = f": {escaped(said)}" if said else ""
        decided = event.action is RolloutAction.DECIDE
        who = escaped(f"The policy {event.by.removeprefix('policy:')}" if decided else event.by)
        st.markdown(f"- {ago(event.created_at, now)}, **{who}** {DEEDS[event.action]}{note}")
