"""One word per concept: evidence is what a gate judges; a self-test is passed or failed, never a proof."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.config.settings import PROJECT
from core.records import Measurement, SelfTest

FOLDERS = ("core", "db", "services", "worker", "cli", "pages")
SOURCES = [path for folder in FOLDERS for path in sorted((PROJECT / folder).rglob("*.py"))]
PROOF = re.compile(r"(?<![a-z])(?:un)?(?:prov(?:e|es|ed|ing)|proofs?)(?![a-z])", re.IGNORECASE)
JSON_KEY = '"json": "proofs"'
"""What a command's document has always called a model's fit reports."""
WITHOUT_EVIDENCE = [PROJECT / "core" / "checks", PROJECT / "core" / "conformance"]


def name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_proof_is_no_word_of_the_code(path: Path) -> None:
    assert not PROOF.findall(path.read_text(encoding="utf-8").replace(JSON_KEY, ""))


@pytest.mark.parametrize("folder", WITHOUT_EVIDENCE, ids=name)
def test_a_check_is_handed_a_pair_and_never_evidence(folder: Path) -> None:
    files = sorted(folder.rglob("*.py"))
    assert files
    assert [
        name(path) for path in files if re.search(r"\bevidence\b", path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize("record", [Measurement, SelfTest])
def test_no_finding_or_self_test_is_called_evidence(record: type) -> None:
    assert "evidence" not in record.__dataclass_fields__
