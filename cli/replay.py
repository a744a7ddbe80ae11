"""``sidegrade replay``: make a render again from its recipe, and see whether it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.answers import Answer
from cli.call import Call, command
from cli.naming import keep_names_shown
from core.errors import InvalidRequest, UnknownName
from core.records import Render, ReplayOutcome, ReplayReport

if TYPE_CHECKING:
    from db.store import Store

commands = typer.Typer()

SAME = (ReplayOutcome.BIT_EXACT, ReplayOutcome.WITHIN_NOISE_FLOOR)


@command(commands)
def replay(
    call: Call,
    render: Annotated[str, typer.Argument(help="Id or pixel digest of a render, or its first characters.")],
    threads: Annotated[int, typer.Option(help="CPU threads of the generation.", min=1)] = 1,
) -> Answer:
    """Draw a render once more in this process and compare it with the stored one, bit by bit.

    What differs may name the model, so your own verdict on this picture is refused from then on.
    Exit code 0: bit-exact, or within the model's noise floor; 1: it drifted, the stored file was damaged,
    or it cannot be drawn here.
    """
    from worker.model_pool import ModelPool
    from worker.replay import replay as draw_and_compare

    with call.store() as store, ModelPool(call.settings, threads=threads) as model_pool:
        chosen = find_render(store, render)
        keep_names_shown(call, store, [chosen.pair_id])
        report = draw_and_compare(store, model_pool, chosen.id, now=call.now())
        store.replays.save(report)
    return Answer(document=report, text=in_words(report), exit_code=0 if report.outcome in SAME else 1)


def find_render(store: Store, words: str) -> Render:
    """The render of this id or digest; of several with the same pixels, the newest.

    Raises:
        UnknownName: there is none.
        InvalidRequest: the words fit several different images.
    """
    found = store.renders.find(words)
    if not found:
        raise UnknownName(f"unknown render {words!r}", remedy="`sidegrade pairs RUN` lists those of a run")
    if len({render.digest for render in found}) > 1:
        raise InvalidRequest(
            f"render: expected one, {words!r} fits {len(found)}: {', '.join(r.id for r in found[:5])} …"
        )
    return found[0]


def in_words(report: ReplayReport) -> str:
    """The outcome, how far off it is, and every field of the recipe that differs."""
    lines = [f"{report.outcome.replace('_', ' ')}: {report.reason}", *report.differing_fields]
    if report.lpips is not None:
        lines.append(f"LPIPS {report.lpips:.4f}")
    return "\n".join(lines)
