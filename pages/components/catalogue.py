"""How the declared models look: what each promises, whether its files are here, how its renders went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd
import streamlit as st

from core.backends.sources import is_here, model_digest
from core.checks import CHECKS
from core.errors import SidegradeError
from core.formatting import ago, count, number, percent
from core.records import Contract, Failure, ModelSpec, SelfTest
from db.insights import ModelRecord
from pages.components import states
from pages.components.formatting import escaped, short


def model(spec: ModelSpec, models_file: Path, record: ModelRecord | None) -> None:
    """One model: its files, its settings, its contract, and how to check that its parts fit."""
    digest, failure = _identity(spec, models_file)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(escaped(spec.title or spec.name), anchor=False, width="content")
            if failure is None:
                st.badge("files are here", icon=":material/check:", color="blue")
            else:
                word = "files are refused" if is_here(spec, models_file) else "files are not here"
                st.badge(word, icon=":material/cloud_off:", color="orange")
        st.caption(escaped(" · ".join([spec.name, *spec.tags, _record_in_words(record)])))
        settings, contract = st.columns(2, gap="large")
        settings.table(_settings(spec, digest), border="horizontal", alt=f"Settings of {spec.name}")
        contract.table(_contract(spec.contract), border="horizontal", alt=f"What {spec.name} promises")
        if failure is not None:
            states.failed(failure)
        st.code(f"sidegrade models check {spec.name}", language="bash")


def _identity(spec: ModelSpec, models_file: Path) -> tuple[str | None, Failure | None]:
    try:
        return model_digest(spec, models_file), None
    except SidegradeError as error:
        return None, Failure(error=type(error).__name__, message=str(error), remedy=error.remedy)


def _record_in_words(record: ModelRecord | None) -> str:
    if record is None:
        return "has drawn nothing yet"
    failures = ", ".join(f"{times:,} {error}" for error, times in record.failures.items())
    return f"{count(record.renders, 'render')}, {failures or 'none failed'}"


def _settings(spec: ModelSpec, digest: str | None) -> dict[str, str]:
    source = f"{spec.source} @ {spec.revision}" if spec.revision else spec.source
    return {
        "Source": escaped(source),
        "Digest": f"`{short(digest)}`" if digest else "–",
        "Steps and guidance": f"{spec.num_inference_steps} steps, guidance {spec.guidance_scale:g}",
        "Scheduler": escaped(spec.scheduler or "as shipped"),
        "Runs as": escaped(f"{spec.backend}, {spec.dtype}, device {spec.device}, {spec.batch_size} a batch"),
        "Cost": f"${spec.cost_per_gpu_second:g} a GPU second".replace("$", "\\$"),
    }


def _contract(contract: Contract) -> dict[str, str]:
    sizes = ", ".join(map(str, contract.sizes)) or f"any in multiples of {contract.size_multiple}"
    latency = (
        f"at most {number(contract.max_latency_ms, 'ms')}" if contract.max_latency_ms else "not promised"
    )
    return {
        "Promises": f"{contract.mode}, {contract.bit_depth} bits a channel, {contract.image_format}",
        "Sizes": escaped(sizes),
        "Largest": f"{contract.max_pixels:,} pixels",
        "Prompt": f"up to {contract.max_prompt_characters:,} characters",
        "Latency": latency,
    }


def self_tests(latest: Mapping[str, SelfTest], now: datetime) -> None:
    """Whether the checks can be trusted on this machine: found faults and false alarms on known images."""
    if not latest:
        states.empty(
            "The checks have not examined themselves here",
            "Run `sidegrade doctor` on the machine of the worker: it draws known faults and looks for them.",
            icon=":material/fact_check:",
        )
        return
    rows = [
        {
            "Check": CHECKS[name].title if name in CHECKS else escaped(name),
            "Trusted": ":blue[:material/check: yes]" if test.trusted else ":orange[:material/block: no]",
            "Faults found": percent(test.hit_rate),
            "False alarms": percent(test.false_alarm_rate),
            "What it says": escaped(test.reason),
            "When": ago(test.created_at, now),
        }
        for name, test in latest.items()
    ]
    st.table(pd.DataFrame(rows).set_index("Check"), border="horizontal", alt="Self-tests of the checks")
