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


HELP_NEEDS_NONE = {"numpy", "PIL", "pandas", "scipy", "sqlalchemy", "streamlit", "cv2", *HEAVY}

SHOW_HELP = """
import contextlib, sys
from cli.main import run
with contextlib.redirect_stdout(sys.stderr):
    assert run(["--help"]) == 0
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""

IMPORT_ALL_OF_OURS = """
import importlib, logging, os, pathlib, sys

project = pathlib.Path(sys.argv[1])
importlib.import_module("core.torch_runtime").make_torchvision_importable()
# other packages may do as they like, before we look
import cv2, diffusers, lpips, onnxruntime, rapidocr, skimage, sqlalchemy, streamlit, transformers

def state():
    loggers = {name: one for name, one in logging.root.manager.loggerDict.items() if hasattr(one, "handlers")}
    theirs = {name: (one.level, one.handlers[:], one.filters[:]) for name, one in loggers.items()}
    bars = [library.utils.logging.is_progress_bar_enabled() for library in (diffusers, transformers)]
    return dict(os.environ), (logging.root.level, logging.root.handlers[:]), theirs, bars

before = state()
scripts = {"designers", "engineers", "leads", "versions"}
count = 0
for package in ("core", "db", "services", "worker", "cli", "pages"):
    for path in sorted((project / package).rglob("*.py")):
        if path.stem not in ("__main__", "frame", "env") and path.parent.name not in scripts:
            name = ".".join(path.relative_to(project).with_suffix("").parts)
            importlib.import_module(name.removesuffix(".__init__"))
            count += 1
after = state()
assert before[:2] == after[:2], (before[0].items() ^ after[0].items(), before[1], after[1])
changed = {name: (was, after[2][name]) for name, was in before[2].items() if was != after[2][name]}
assert not changed, changed
new = {name: one for name, one in after[2].items() if name not in before[2]}
assert not any(level or handlers or filters for level, handlers, filters in new.values()), new
assert before[3] == after[3]
print(count)
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


def in_a_fresh_process(code: str, *arguments: str) -> str:
    """What a Python of its own prints last, run from the project."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if name not in PREPARED},
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


PREPARED = {"OMP_WAIT_POLICY", "CUBLAS_WORKSPACE_CONFIG"}


def test_help_loads_no_package_that_only_the_work_needs() -> None:
    loaded = set(in_a_fresh_process(SHOW_HELP).split())
    assert "typer" in loaded
    assert loaded & HELP_NEEDS_NONE == set()


def test_importing_a_file_of_ours_changes_neither_the_environment_nor_a_logger() -> None:
    assert int(in_a_fresh_process(IMPORT_ALL_OF_OURS, str(PROJECT))) > 150


def test_a_process_is_prepared_before_torch_is_imported_and_what_was_set_stays() -> None:
    code = (
        "import os, sys; from core.torch_runtime import prepare_process;"
        "os.environ['CUBLAS_WORKSPACE_CONFIG'] = ':16:8'; prepare_process();"
        "print('torch' in sys.modules, os.environ['OMP_WAIT_POLICY'], os.environ['CUBLAS_WORKSPACE_CONFIG'])"
    )
    assert in_a_fresh_process(code) == "False passive :16:8"


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


def test_core_takes_no_store_and_names_none() -> None:
    for path in sorted((PROJECT / "core").rglob("*.py")):
        names = {
            node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)
        }
        assert not names & {"Store", "Database", "Blobs"}, path


def test_services_neither_load_a_model_s_package_nor_know_a_screen() -> None:
    modules = [
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for path in sorted((PROJECT / "services").rglob("*.py"))
    ]
    imports = "\n".join(f"import {module}" for module in modules)
    code = f"import sys\n{imports}\nprint(*sorted(name.partition('.')[0] for name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )
    assert not {"streamlit", "starlette", "typer", *HEAVY} & set(done.stdout.split())
