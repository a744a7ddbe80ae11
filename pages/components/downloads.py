"""Files somebody takes away: made only when the button is pressed."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from db.store import Store


def golden_version(store: Store, number: int) -> None:
    """A frozen version as a zip: PNG files and ``golden.jsonl`` with cases and recipes."""
    st.download_button(
        f"Download version {number}",
        partial(_golden_zip, store, number),
        file_name=f"golden-set-{number}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key=f"golden-zip-{number}",
    )


def _golden_zip(store: Store, number: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        name = f"golden-set-{number}"
        store.golden.export(number, Path(folder) / name)
        return Path(shutil.make_archive(f"{folder}/archive", "zip", folder, name)).read_bytes()
