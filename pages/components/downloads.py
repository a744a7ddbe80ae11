"""Files somebody takes away: made only when the button is pressed."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.components import naming
from services.golden import export
from services.review.names import cost_of_golden_names

if TYPE_CHECKING:
    from core.records import GoldenVersion
    from db.store import Store


def golden_version(store: Store, version: GoldenVersion, me: str, now: datetime) -> None:
    """A frozen version as a zip: PNG files and ``golden.jsonl`` with cases and recipes, which name models."""
    number = version.number
    if lost := cost_of_golden_names(store, version, me):
        st.caption(f"Version {number} names the models of its pictures: {naming.cost(len(lost))}.")
    st.download_button(
        f"Download version {number}",
        partial(_golden_zip, store, version, me, now),
        file_name=f"golden-set-{number}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key=f"golden-zip-{number}",
    )


def _golden_zip(store: Store, version: GoldenVersion, me: str, now: datetime) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        name = f"golden-set-{version.number}"
        export(store, version.number, Path(folder) / name, reviewer=me, now=now)
        return Path(shutil.make_archive(f"{folder}/archive", "zip", folder, name)).read_bytes()
