"""How a render and its replays look: the whole recipe, and whether making it again gave the same pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.digests import pixel_digest
from core.formatting import ago, number
from core.images.decoding import open_image
from core.records import Recipe, Render, RenderStatus, ReplayOutcome, ReplayReport
from pages.components.formatting import escaped, prose, short
from pages.components.viewer import compare_viewer

if TYPE_CHECKING:
    from db.store import Store

TITLES = {
    ReplayOutcome.BIT_EXACT: "Bit-exact",
    ReplayOutcome.WITHIN_NOISE_FLOOR: "Within the noise floor",
    ReplayOutcome.DRIFTED: "Drifted",
    ReplayOutcome.IMPOSSIBLE: "Impossible here",
    ReplayOutcome.FILE_DAMAGED: "Stored file damaged",
}


def search(place: DeltaGenerator) -> str:
    """What is typed to find a render; it stays in the address."""
    return place.text_input(
        "Find a render",
        key="q",
        bind="query-params",
        type="search",
        placeholder="the beginning of a render's id, a pixel digest, a pair or a case",
        max_chars=128,
    ).strip()


def drop(place: DeltaGenerator) -> bytes | None:
    """The bytes of a dropped file; None without one."""
    file = place.file_uploader("or drop its PNG", help="Our PNG files carry their recipe inside.")
    return None if file is None else file.getvalue()


def of_file(store: Store, content: bytes, recipe: Recipe) -> tuple[list[Render], set[str]]:
    """The renders made from a file's recipe, and the pairs that a look at this recipe names.

    Those are the renders' pairs, and all that hold the very pixels of the file.
    """
    found = store.renders.by_recipe(recipe.digest)
    alike = store.renders.by_pixels(pixel_digest(open_image(content)))
    return found, {render.pair_id for render in [*found, *alike]}


def asked_again(render: Render) -> bool:
    """Whether the button to make this render again was pressed; a failed one cannot be compared."""
    disabled = render.digest is None
    return st.button("Render it again", type="primary", icon=":material/replay:", disabled=disabled)


def before_and_after(render: Render, again: str | None) -> None:
    """The stored image and the one made again on the light table; without a replay the stored one alone."""
    if render.digest is not None:
        names = ("first time", "made again") if again else ("as stored", "as stored")
        sides = (render.digest, again or render.digest)
        compare_viewer(*sides, names, key=f"replay-{render.id}", prompt=render.recipe.prompt)


def in_a_line(replay: ReplayReport, now: datetime) -> str:
    """An earlier replay, briefly."""
    return f"{ago(replay.created_at, now)}: {TITLES[replay.outcome].lower()}, {prose(replay.reason)}"


def report(replay: ReplayReport, now: datetime) -> None:
    """One replay: the sentence, how far off, which recipe fields differ."""
    good = replay.outcome in (ReplayOutcome.BIT_EXACT, ReplayOutcome.WITHIN_NOISE_FLOOR)
    box, icon = (st.success, ":material/check_circle:") if good else (st.error, ":material/difference:")
    box(prose(replay.reason), title=TITLES[replay.outcome], icon=icon)
    st.table(
        {
            "Made again": ago(replay.created_at, now),
            "Largest difference of a channel": number(replay.max_abs_difference, "of 255"),
            "Mean difference": number(replay.mean_abs_difference, "of 255"),
            "LPIPS": number(replay.lpips),
            "Same initial noise": {True: "yes", False: "no", None: "–"}[replay.noise_matches],
            "Pixels before": f"`{short(replay.digest_before)}`",
            "Pixels now": f"`{short(replay.digest_after)}`" if replay.digest_after else "–",
        },
        border="horizontal",
        width="content",
        alt="How far off the replay is",
    )
    if replay.differing_fields:
        st.markdown("**What is different now**, the likeliest cause first:")
        for field in replay.differing_fields:
            st.markdown(f"- {escaped(field)}")


def recipe(made_from: Recipe) -> None:
    """Every input that fixed the output."""
    rows = {escaped(field.name): _cell(getattr(made_from, field.name)) for field in fields(made_from)}
    st.table(
        rows | {"recipe digest": f"`{made_from.digest}`"},
        border="horizontal",
        width="content",
        alt="The recipe of this render",
    )


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return "  \n".join(f"{escaped(str(key))}: {escaped(str(item))}" for key, item in value.items()) or "–"
    return escaped(str(value)) or "–"


def facts(render: Render) -> None:
    """What came out, in one line."""
    size = f"{render.width}×{render.height} {render.mode}" if render.width else ""
    parts = [
        f"{render.arm} of {short(render.pair_id)}",
        size,
        number(render.latency_ms, "ms") if render.latency_ms else "",
        number(render.gpu_seconds, "GPU s") if render.gpu_seconds else "",
        number(render.peak_memory_mb, "MB peak") if render.peak_memory_mb else "",
    ]
    st.caption(escaped(" · ".join(part for part in parts if part)))


def rows(found: Sequence[Render], now: datetime) -> dict[str, dict[str, str]]:
    """Renders as rows of a table, by id."""
    return {
        render.id: {
            "Model": render.recipe.model,
            "Prompt": render.recipe.prompt,
            "Seed": str(render.recipe.seed),
            "Arm": render.arm.value,
            "State": "failed" if render.status is RenderStatus.FAILED else f"{render.width}×{render.height}",
            "Made": ago(render.created_at, now),
            "Render": short(render.id),
        }
        for render in found
    }
