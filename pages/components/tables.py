"""Tables one picks a row from. The picked id goes into the address, so that a link leads back to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.words import short


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
    wanted = st.query_params.get(parameter, "")
    start = next((place for place, one in enumerate(ids) if wanted and one.startswith(wanted)), 0)
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
