"""``sidegrade verdict``: judge a pair from a terminal; the history is the same as the desk's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from cli.answers import Answer
from cli.call import Call, command
from core.access.person import person_name
from core.errors import InvalidRequest
from core.records import Arm, Outcome, Reason, RenderStatus, VerdictAction, VerdictEvent

if TYPE_CHECKING:
    from db.store import Store

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

    A reviewer has one verdict on a pair: a second one changes nothing and says so.
    """
    event = VerdictEvent(
        uuid=str(uuid4()),
        action=VerdictAction.CAST,
        pair_id=pair,
        reviewer=person_name(reviewer),
        outcome=outcome,
        reasons=tuple(reason or ()),
        comment=comment,
        created_at=call.now(),
    )
    with call.store() as store:
        refuse_unfinished(store, pair)
        recorded = store.reviews.record(event)
    words = "recorded" if recorded else f"nothing recorded: {event.reviewer} has judged this pair before"
    return Answer(document={"recorded": recorded, "verdict": event}, text=f"{words} ({outcome} on {pair})")


def refuse_unfinished(store: Store, pair: str) -> None:
    """Refuse a pair that nobody can have seen.

    Raises:
        UnknownName: there is no such pair.
        InvalidRequest: one of its two pictures is missing.
    """
    renders = store.renders.of_pair(store.pairs.get(pair).id)
    drawn = [arm for arm, render in renders.items() if render.status is RenderStatus.DONE]
    if len(drawn) < len(Arm):
        raise InvalidRequest(f"{pair}: expected two pictures to judge, got {len(drawn)}")
