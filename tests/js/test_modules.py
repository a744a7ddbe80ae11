"""The viewer's pure modules under node's own test runner."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def test_the_viewers_arithmetic_queue_outbox_and_decoder_do_what_they_promise() -> None:
    node = shutil.which("node")
    if node is None:
        if os.environ.get("SIDEGRADE_REQUIRE_BROWSER"):
            pytest.fail("SIDEGRADE_REQUIRE_BROWSER is set, but there is no node to run the viewer's tests")
        pytest.skip("no node here: the viewer's JavaScript tests cannot run")
    tests = sorted(map(str, FOLDER.glob("*.test.mjs")))
    ran = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert f"# pass {ran.stdout.count('# Subtest: ')}" in ran.stdout
