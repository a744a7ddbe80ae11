"""What broke in a run: which check says so, why, how sure it is, and the place over the picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st
from PIL import Image

from core.checks import CHECKS
from core.checks.results.alarms import is_alarm
from core.checks.results.certainty import how_sure
from core.checks.results.duplicates import look_alikes, same_pixels
from core.checks.results.size_ladder import Rung, pass_rate_by_size
from core.formatting import count
from core.images.annotate import figure
from core.records import Arm, Measurement, MeasurementStatus, Pair, Render, RenderStatus, SelfTest
from pages.components import charts
from pages.components.formatting import escaped, prose, shortened
from pages.components.states import answered

Found = Mapping[str, Sequence[Measurement]]
"""What the checks found, by pair id."""
Drawn = Mapping[str, Mapping[Arm, Render]]
"""The renders of a run, by pair id and arm."""
SHOWN_GROUPS = 5


class Broken(NamedTuple):
    """A pair with findings that are bad whatever a policy says, each reason once."""

    pair: Pair
    baseline: list[Measurement]
    candidate: list[Measurement]
    """On the candidate, or between the arms."""


class Repeats(NamedTuple):
    """Groups of pair ids: pictures with the same pixels, and pictures of one case that look alike."""

    arm: Arm
    same: list[tuple[str, ...]]
    alike: list[tuple[str, ...]]


def broken(pairs: Iterable[Pair], found: Found) -> dict[str, Broken]:
    """The pairs whose candidate has such findings, by id, in the order of the run."""
    everything = {pair.id: _sorted_out(pair, found.get(pair.id, ())) for pair in pairs}
    return {pair_id: one for pair_id, one in everything.items() if one.candidate}


def _sorted_out(pair: Pair, found: Iterable[Measurement]) -> Broken:
    alarms = {(m.arm, m.check, m.reason): m for m in found if is_alarm(m)}.values()
    return Broken(
        pair=pair,
        baseline=[m for m in alarms if m.arm is Arm.BASELINE],
        candidate=[m for m in alarms if m.arm is not Arm.BASELINE],
    )


def row(one: Broken) -> dict[str, Any]:
    """A broken pair as a row of a table."""
    checks = dict.fromkeys(title(m.check) for m in one.candidate)
    return {
        "Case": one.pair.case_name,
        "Seed": str(one.pair.seed),
        "Checks": ", ".join(checks),
        "What broke on the candidate": shortened(one.candidate[0].reason, 90),
        "Findings": len(one.candidate),
        "On the baseline": count(len(one.baseline), "finding") if one.baseline else "clean",
    }


def title(check: str) -> str:
    """What a check is called on screen."""
    return CHECKS[check].title if check in CHECKS else check


def over_the_pictures(
    one: Broken,
    renders: Mapping[Arm, Render],
    opened: Callable[[str], Image.Image],
    tests: Mapping[str, SelfTest],
) -> None:
    """Both renders with a numbered box where each finding is, and the findings under these numbers."""
    numbered = dict(enumerate([*one.candidate, *one.baseline], start=1))
    for arm, column in zip(Arm, st.columns(2), strict=True):
        render = renders.get(arm)
        if render is not None and render.digest is not None:
            boxes = [
                (n, region.box) for n, m in numbered.items() for region in m.regions if region.arm is arm
            ]
            with column, answered("a picture with its findings"):
                st.image(figure(opened(render.digest), boxes), width="stretch")
            column.caption(f"{arm.capitalize()}: {escaped(render.recipe.model)}")
    rows = [
        {
            "No.": number,
            "Arm": found.arm or "both",
            "Check": title(found.check),
            "What it says": escaped(found.reason),
            "How sure": escaped(how_sure(found, tests.get(found.check))),
        }
        for number, found in numbered.items()
    ]
    table = pd.DataFrame(rows).set_index("No.")
    st.table(table, border="horizontal", alt="Every finding on this pair, how sure it is, and its number")


def ladder(found: Found) -> None:
    """Share of lines read exactly by letter height, where a run has lettering of at least two heights."""
    rungs = pass_rate_by_size(m for of_pair in found.values() for m in of_pair)
    if len({rung.letter_height_px for rung in rungs}) < 2:
        return
    st.header("Lettering by its size", anchor=False)
    st.caption("Share of lines that are read exactly as written; what the reader cannot tell is left out.")
    charts.curves(_points(rungs), x_title="height of capitals, px", alt=_ladder_in_words(rungs))


def _points(rungs: Iterable[Rung]) -> dict[str, list[charts.Point]]:
    curves: dict[str, list[charts.Point]] = {}
    for rung in rungs:
        point = charts.Point(at=rung.letter_height_px, share=rung.pass_rate, n=rung.told)
        curves.setdefault(rung.arm, []).append(point)
    return curves


def _ladder_in_words(rungs: Iterable[Rung]) -> str:
    said = [f"{r.arm} {r.letter_height_px} px: {r.right} of {r.told} lines" for r in rungs]
    return f"Lines read exactly by letter height. {'; '.join(said)}"


def nothing_broke(found: Found) -> str:
    """Why no pair is listed: nothing was found, or nothing could be looked at yet."""
    told = any(m.status is not MeasurementStatus.ERROR for of_pair in found.values() for m in of_pair)
    if told:
        return "No check has found anything that is wrong whatever a policy says."
    return "No check could tell anything." if found else "Nothing has been examined yet."


class NotRun(NamedTuple):
    """A check that could not run, why, and on how many pairs."""

    check: str
    reason: str
    metrics: tuple[str, ...]
    """What it could not tell; empty when it told nothing at all."""
    pairs: int


def not_run(pairs: Iterable[Pair], renders: Drawn, found: Found) -> list[NotRun]:
    """What could not be measured, each check and reason once, in the order of the run.

    It is nothing that a check found. Where a picture never came, its failure is told instead.
    """
    hit: dict[tuple[str, str], set[str]] = defaultdict(set)
    metrics: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    ran: set[tuple[str, str]] = set()
    for pair in pairs:
        failed = {arm for arm, r in renders.get(pair.id, {}).items() if r.status is RenderStatus.FAILED}
        for m in found.get(pair.id, ()):
            if m.status is not MeasurementStatus.ERROR:
                ran.add((m.check, pair.id))
            elif not failed or (m.arm is not None and m.arm not in failed):
                hit[m.check, m.reason].add(pair.id)
                metrics[m.check, m.reason][m.metric] = None
    return [
        NotRun(
            check,
            reason,
            tuple(metrics[check, reason]) if any((check, pair_id) in ran for pair_id in where) else (),
            len(where),
        )
        for (check, reason), where in hit.items()
    ]


def machine_notes(pairs: Iterable[Pair], renders: Drawn, found: Found) -> None:
    """One quiet line for each check that could not run, with what to do: a fault of no model."""
    for one in not_run(pairs, renders, found)[:SHOWN_GROUPS]:
        st.caption(prose(_not_run_in_words(one)))


def _not_run_in_words(one: NotRun) -> str:
    """Such as ``LPIPS did not run here (weights missing: …): run … 48 pairs.``"""
    card = CHECKS.get(one.check)
    titles = [card.metrics[name].title if card and name in card.metrics else name for name in one.metrics]
    what = f"did not tell here: {', '.join(titles)}" if titles else "did not run here"
    reason = one.reason.removeprefix(f"{title(one.check)} ").rstrip(".")
    why, separator, remedy = reason.partition("; ")
    because = f"({why}): {remedy}" if separator else f"({why})"
    return f"{title(one.check)} {what} {because}. {count(one.pairs, 'pair')}."


def repeats(pairs: Sequence[Pair], renders: Drawn, found: Found) -> list[Repeats]:
    """What each arm drew more than once although something else was asked for."""
    drawn = [render for arms in renders.values() for render in arms.values()]
    measurements = [m for of_pair in found.values() for m in of_pair]
    same = {arm: same_pixels(drawn, measurements, arm=arm) for arm in Arm}
    return [Repeats(arm, same[arm], look_alikes(pairs, measurements, arm=arm, same=same[arm])) for arm in Arm]


def repeating(found: Iterable[Repeats]) -> set[str]:
    """Ids of the pairs that repeats name, each with its arm."""
    return {pair_id for one in found for group in (*one.same, *one.alike) for pair_id in group}


def same_pictures(pairs: Sequence[Pair], found: Iterable[Repeats], told: Collection[str]) -> None:
    """Pairs that should differ and do not: a model that answers everything with the same picture.

    Args:
        told: ids of the pairs about whose arms something may be told.
    """
    names = {pair.id: f"{pair.case_name}, seed {pair.seed}" for pair in pairs if pair.id in told}
    for arm, same, alike in found:
        if same := _among(same, names):
            st.warning(
                escaped(_groups_in_words(same, names, " = ")),
                title=f"The {arm} drew the same picture more than once",
                icon=":material/content_copy:",
            )
        if alike := _among(alike, names):
            st.caption(
                f"On the {arm} some pictures of one case look alike whatever the seed, by a coarse "
                f"fingerprint: {escaped(_groups_in_words(alike, names, ' and '))}"
            )


def _among(groups: Iterable[tuple[str, ...]], names: Mapping[str, str]) -> list[tuple[str, ...]]:
    left = (tuple(pair_id for pair_id in group if pair_id in names) for group in groups)
    return [group for group in left if len(group) > 1]


def _groups_in_words(groups: Sequence[tuple[str, ...]], names: Mapping[str, str], between: str) -> str:
    told = (
        between.join(name for pair_id, name in names.items() if pair_id in group)
        for group in groups[:SHOWN_GROUPS]
    )
    return f"{'; '.join(told)}{'; …' if len(groups) > SHOWN_GROUPS else ''}"
