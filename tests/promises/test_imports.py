"""Who may know whom: read from the source, so that an import inside a function counts too."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.settings import PROJECT

HEAVY = {"torch", "diffusers", "transformers", "lpips", "rapidocr", "onnxruntime"}

LOAD_EVERY_PAGE = """
import importlib, pathlib, sys
from streamlit.testing.v1 import AppTest

project = pathlib.Path(sys.argv[1])
scripts = [project / "pages" / "frame.py"]
for audience in ("designers", "engineers", "leads"):
    scripts += sorted((project / "pages" / audience).glob("*.py"))
importlib.import_module("app")
for folder in ("components", "routes"):
    for path in sorted((project / "pages" / folder).rglob("*.py")):
        importlib.import_module(".".join(path.relative_to(project).with_suffix("").parts))
for script in scripts:
    AppTest.from_file(str(script), default_timeout=60).run()
print(len(scripts), *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def imported_by(path: Path) -> Iterator[str]:
    """Top-level names of all packages that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def files_that_import(folder: str, forbidden: set[str]) -> list[str]:
    """Files of a folder that import one of the forbidden packages."""
    paths = sorted((PROJECT / folder).rglob("*.py"))
    assert paths, f"{folder}/ has no Python file"
    return [str(path.relative_to(PROJECT)) for path in paths if forbidden & set(imported_by(path))]


def test_core_knows_neither_a_screen_nor_a_database() -> None:
    assert files_that_import("core", {"streamlit", "sqlalchemy", "alembic", "typer"}) == []


def test_only_db_speaks_sql() -> None:
    assert files_that_import("pages", {"sqlalchemy", "alembic", "sqlite3"}) == []
    assert files_that_import("cli", {"sqlalchemy", "alembic", "sqlite3"}) == []


def test_the_database_knows_no_screen_and_no_model() -> None:
    assert files_that_import("db", {"streamlit", "typer", *HEAVY}) == []


def test_no_page_names_a_heavy_package() -> None:
    assert files_that_import("pages", HEAVY) == []


def test_only_one_file_of_the_pages_opens_the_store_and_holds_the_session() -> None:
    owner = "pages/components/session.py"
    for path in sorted((PROJECT / "pages").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if str(path.relative_to(PROJECT)) != owner:
            assert "Store.open" not in text, path
            assert "st.session_state" not in text, path


@pytest.mark.slow
def test_the_page_process_never_loads_a_heavy_package(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD_EVERY_PAGE, str(PROJECT)],
        cwd=PROJECT,
        env={**os.environ, "SIDEGRADE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    count, *loaded = done.stdout.splitlines()[-1].split()
    assert int(count) >= 9
    assert HEAVY & set(loaded) == set()
