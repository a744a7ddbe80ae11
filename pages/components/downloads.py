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

if TYPE_CHECKING:
    from core.records import GoldenVersion
    from db.store import Store


def golden_version(store: Store, version: GoldenVersion, me: str, now: datetime) -> None:
    """A frozen version as a zip: PNG files and ``golden.jsonl`` with cases and recipes, which name models."""
    number, pictures = version.number, {entry.render_digest for entry in version.entries}
    if lost := store.stakes.of_pictures(pictures, me):
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
    store.reviews.show_golden_names({entry.render_digest for entry in version.entries}, me, now)
    with tempfile.TemporaryDirectory() as folder:
        name = f"golden-set-{version.number}"
        store.golden.export(version.number, Path(folder) / name)
        return Path(shutil.make_archive(f"{folder}/archive", "zip", folder, name)).read_bytes()
