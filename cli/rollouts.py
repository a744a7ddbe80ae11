"""``sidegrade rollout``: the decision about a run, by the same steps as the leads' page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answers import Answer
from cli.call import Call, command
from core.access.person import person_name
from core.errors import DecisionRefused
from core.records import RolloutAction, Run

if TYPE_CHECKING:
    from db.store import Store
    from services.rollouts import JudgedRun

commands = typer.Typer(
    name="rollout", help="The decision about a run: start, status, approve, refuse, override."
)

RUN = Annotated[str, typer.Argument(help="Id of the run, or its first characters.")]
BY = Annotated[str, typer.Option(help="Who decides.")]
NOTE = Annotated[str, typer.Option(help="Why; it stays for ever.")]


@command(commands)
def start(
    call: Call,
    run: RUN,
    policy: Annotated[Path, typer.Option(help="The policy file that will judge, to the last verdict.")],
    by: BY,
) -> Answer:
    """Start the rollout of a run under a policy; the person who starts it cannot approve it.

    It says how many pairs hold a picture that reviewers may have met in another run.
    """
    from core.gates.policies import load_policy
    from services.rollouts import judge, met_in_words, start

    with call.store() as store:
        chosen = store.runs.get(run)
        judged = judge(store, call.settings, chosen, load_policy(policy), store.now())
        start(store, judged, person_name(by), store.now())
        answer, met = answer_of(store, call, chosen), store.pairs.met_elsewhere(chosen.id)
    pictures = {"pairs": met.pairs, "of": met.of, "runs": [other.id for other in met.runs]}
    assert isinstance(answer.document, dict)  # where a rollout stands is one
    return replace(
        answer,
        document={**answer.document, "pictures_met": pictures},
        text="\n".join(text for text in (str(answer.text), met_in_words(met)) if text),
    )


@command(commands)
def status(call: Call, run: RUN) -> Answer:
    """Say where the rollout of a run stands; what the evidence decides is latched on the way."""
    with call.store() as store:
        return answer_of(store, call, store.runs.get(run))


@command(commands)
def approve(call: Call, run: RUN, by: BY, note: NOTE = "") -> Answer:
    """Approve: only when every required gate succeeded, and only by a person who did not start it."""
    return sign(call, run, RolloutAction.APPROVE, by, note)


@command(commands)
def refuse(call: Call, run: RUN, by: BY, note: NOTE) -> Answer:
    """Refuse, with a reason."""
    return sign(call, run, RolloutAction.REFUSE, by, note)


@command(commands)
def override(
    call: Call,
    run: RUN,
    by: BY,
    note: NOTE,
    candidate: Annotated[
        str, typer.Option(help="The name of the candidate, which then ships: typed out to confirm it.")
    ],
) -> Answer:
    """Ship against or without the evidence, with a name and a reason; never shown as approved."""
    return sign(call, run, RolloutAction.OVERRIDE, by, note, confirmed=candidate)


def sign(call: Call, run: str, action: RolloutAction, by: str, note: str, confirmed: str = "") -> Answer:
    """Append a person's decision, resting on what the evidence says at this moment."""
    from services.rollouts import sign

    with call.store() as store:
        chosen = store.runs.get(run)
        judged = judged_now(store, call, chosen)
        if judged is None:
            raise DecisionRefused(
                f"the rollout of {chosen.id} was not started",
                remedy="start it under a policy: sidegrade rollout start",
            )
        sign(store, judged, action, by=person_name(by), note=note, confirmed=confirmed, now=store.now())
        return answer_of(store, call, chosen)


def answer_of(store: Store, call: Call, run: Run) -> Answer:
    """Where a rollout stands, in one line first; then the analysis it rests on, and its history."""
    from core.rollout.decision import current
    from core.rollout.headline import beneath, headline, note_of

    judged = judged_now(store, call, run)
    events = store.decisions.events(run.id)
    if judged is None:
        return Answer(
            document={
                "run": run.id,
                "headline": headline(current(run.id, events)),
                "rollout": None,
                "analysis": None,
                "events": events,
            },
            text="Not started: no verdict counts before it is (sidegrade rollout start)",
        )
    history = [
        f"{event.created_at:%Y-%m-%d %H:%M} {event.action} by {event.by} {note_of(event)}".rstrip()
        for event in events
    ]
    says = headline(judged.rollout, judged.basis, judged.evidence)
    return Answer(
        document={
            "run": run.id,
            "headline": says,
            "rollout": judged.rollout,
            "analysis": judged.basis,
            "events": events,
        },
        text="\n".join(filter(None, [says, beneath(judged.rollout, judged.basis), *history])),
    )


def judged_now(store: Store, call: Call, run: Run) -> JudgedRun | None:
    """The run under the policy of its rollout, latched when the evidence decides; None: not started."""
    from core.rollout.decision import current
    from services.rollouts import judge, latch, policy_of

    rollout = current(run.id, store.decisions.events(run.id))
    if rollout.started_by is None:
        return None
    policy = policy_of(store, call.settings, rollout)
    return latch(store, judge(store, call.settings, run, policy, store.now()), store.now())
