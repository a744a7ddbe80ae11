"""``sidegrade verdict``: judge a pair from a terminal; the history is the same as the desk's."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from cli.answers import Answer
from cli.call import Call, command
from core.access.person import person_name
from core.records import Outcome, Reason, VerdictAction, VerdictEvent
from services.review.verdicts import cast

commands = typer.Typer()


@command(commands)
def verdict(
    call: Call,
    pair: Annotated[str, typer.Argument(help="Id of the pair.")],
    reviewer: Annotated[str, typer.Option(help="Who judges.")],
    outcome: Annotated[Outcome, typer.Option(help="Which arm is better, or neither.")],
    reason: Annotated[list[Reason] | None, typer.Option(help="Why; may be given several times.")] = None,
    comment: Annotated[str, typer.Option(help="In your own words.")] = "",
) -> Answer:
    """Record one reviewer's verdict on a pair.

    A reviewer has one verdict on a pair: a second one changes nothing and says so. A pair whose run wants its
    small text seen at 1:1 is judged at the desk alone.
    """
    with call.store() as store:
        event = VerdictEvent(
            uuid=str(uuid4()),
            action=VerdictAction.CAST,
            pair_id=pair,
            reviewer=person_name(reviewer),
            outcome=outcome,
            reasons=tuple(reason or ()),
            comment=comment,
            created_at=store.now(),
        )
        done = cast(store, event)
    words = "recorded" if done.recorded else f"nothing recorded: {event.reviewer} has judged this pair before"
    return Answer(
        document={"recorded": done.recorded, "verdict": done.event}, text=f"{words} ({outcome} on {pair})"
    )
