"""Tables one picks a row from. The picked id goes into the address, so that a link leads back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.formatting import short


def choose(label: str, options: Mapping[str, str], *, parameter: str) -> str:
    """One of few options by id, as a drop-down: the one in the address, else the first; gives its id."""
    ids = list(options)
    start = _place(ids, parameter)
    chosen = st.selectbox(label, ids, index=start, format_func=options.__getitem__)
    st.query_params[parameter] = short(chosen)
    return chosen


def pick(
    rows: Mapping[str, Mapping[str, Any]],
    *,
    parameter: str,
    alt: str,
    columns: Mapping[str, Any] | None = None,
) -> str:
    """Draw rows by id, exactly one of them picked: the one in the address, else the first; gives its id.

    Args:
        rows: at least one row.
        parameter: name of the query parameter that keeps the choice, such as ``run``.
    """
    ids = list(rows)
    start = _place(ids, parameter)
    event = st.dataframe(
        pd.DataFrame(list(rows.values())),
        key=f"pick-{parameter}",
        hide_index=True,
        column_config=columns,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [start]}},
        alt=alt,
    )
    chosen = ids[event.selection.rows[0] if event.selection.rows else start]
    st.query_params[parameter] = short(chosen)
    return chosen


def _place(ids: Sequence[str], parameter: str) -> int:
    wanted = st.query_params.get(parameter)
    return next((place for place, one in enumerate(ids) if wanted and one.startswith(wanted)), 0)
