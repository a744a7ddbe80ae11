"""The examples in the docstrings hold."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from core.config.settings import PROJECT
from tests.promises.test_source import SOURCES, relative

WITH_EXAMPLES = [path for path in SOURCES if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=relative)
def test_the_examples_of_a_module_hold(path: Path) -> None:
    name = ".".join(path.relative_to(PROJECT).with_suffix("").parts)
    ran = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert ran.attempted > 0, "its examples stand where no doctest finds them"
    assert ran.failed == 0


def test_there_are_examples_on_several_floors() -> None:
    floors = {path.relative_to(PROJECT).parts[0] for path in WITH_EXAMPLES}
    assert floors >= {"core", "services", "cli", "pages"}
