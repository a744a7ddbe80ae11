"""What the checks found on a pair: one line a check first, every measurement behind a fold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from core.checks import CHECKS
from core.checks.results.certainty import how_sure
from core.formatting import number
from core.recipes.noise_floor import NoiseFloor
from core.records import Arm, Measurement, MeasurementStatus, SelfTest
from pages.components.formatting import escaped

Finding = Mapping[Arm | None, Measurement]
"""One metric of one subject: by arm, or under None when it compares the arms."""


def measurements(found: Sequence[Measurement], tests: Mapping[str, SelfTest], floor: NoiseFloor) -> None:
    """The checks as a table; in words when none has run.

    Args:
        tests: the latest self-test of each check: how sure it is.
        floor: what the baseline differs from itself.
    """
    if not found:
        st.caption("The checks have not run on this pair yet.")
        return
    findings = _findings(_scaled(one, floor) for one in found)
    st.table(_headlines(findings, tests), border="horizontal", alt="What each check found on this pair")
    with st.expander(f"All {len(findings)} measurements"):
        st.table(_everything(findings, tests), border="horizontal", alt="Every measurement on this pair")


def _scaled(found: Measurement, floor: NoiseFloor) -> Measurement:
    """LPIPS with what it means for this model."""
    if (found.check, found.metric) != ("lpips", "lpips") or found.value is None:
        return found
    return replace(found, reason=f"{found.reason}; {floor.judge(found.value)}")


def _findings(found: Iterable[Measurement]) -> dict[tuple[str, str, str], Finding]:
    grouped: dict[tuple[str, str, str], dict[Arm | None, Measurement]] = defaultdict(dict)
    for one in found:
        grouped[one.check, one.metric, one.subject][one.arm] = one
    return dict(grouped)


def _headlines(
    findings: Mapping[tuple[str, str, str], Finding], tests: Mapping[str, SelfTest]
) -> pd.DataFrame:
    """The first metric on each check's card; several subjects of it are told by the worst change."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for (check, metric, subject), finding in findings.items():
        if check not in CHECKS or metric == next(iter(CHECKS[check].metrics)):
            rows.setdefault(_check_title(check), []).append(_row(finding, check, metric, subject, tests))
    worst = {title: min(some, key=lambda row: row["Change"] != _WORSE) for title, some in rows.items()}
    return pd.DataFrame.from_dict(worst, orient="index").rename_axis("Check")


def _everything(
    findings: Mapping[tuple[str, str, str], Finding], tests: Mapping[str, SelfTest]
) -> pd.DataFrame:
    rows = [
        {"Check": _check_title(check)} | _row(finding, check, metric, subject, tests)
        for (check, metric, subject), finding in findings.items()
    ]
    return pd.DataFrame(rows)


def _row(
    finding: Finding, check: str, metric: str, subject: str, tests: Mapping[str, SelfTest]
) -> dict[str, str]:
    card = CHECKS.get(check)
    title = card.metrics[metric].title if card and metric in card.metrics else metric
    any_one = next(iter(finding.values()))
    telling = finding.get(None) or finding.get(Arm.CANDIDATE) or any_one
    return {
        "Measured": escaped(f"{title}: {subject}" if subject else title),
        "Baseline": _value(finding.get(Arm.BASELINE)),
        "Candidate": _value(finding.get(Arm.CANDIDATE)),
        "Between them": _value(finding.get(None)),
        "Change": _change(finding),
        "What it says": escaped(telling.reason),
        "How sure": escaped(how_sure(telling, tests.get(check))),
    }


_WORSE = ":orange[:material/trending_down: worse]"
_BETTER = ":blue[:material/trending_up: better]"
_SAME = "same"


def _value(measured: Measurement | None) -> str:
    if measured is None:
        return ""
    if measured.status is MeasurementStatus.ERROR:
        return ":orange[:material/error: could not run]"
    if measured.status is not MeasurementStatus.MEASURED:
        return measured.status.replace("_", " ")
    return escaped(number(measured.value, measured.unit))


def _change(finding: Finding) -> str:
    before, after = finding.get(Arm.BASELINE), finding.get(Arm.CANDIDATE)
    if before is None or after is None or before.value is None or after.value is None:
        return ""
    if before.value == after.value:
        return _SAME
    if before.higher_is_better is None:
        return "different"
    return _BETTER if (after.value > before.value) is before.higher_is_better else _WORSE


def _check_title(check: str) -> str:
    return CHECKS[check].title if check in CHECKS else escaped(check)
