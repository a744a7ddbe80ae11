"""How long does a page's script take? Every page on one home with verdicts, in processor time of the script.

The home is a small one of the test world's making: this measures the pages, not the database.
Wall time would measure whatever else the machine does.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from streamlit.testing.v1 import AppTest

from core.config.settings import PROJECT, Settings
from core.records import Outcome
from db.store import Store
from tests.world import judge, make_world

AIM_MS = 200.0
"""Processor time that a script may take before a person waits for it."""
FRAME = PROJECT / "pages" / "frame.py"
AUDIENCES = ("designers", "engineers", "leads")


def main() -> None:
    """Print one line a page; exit with an error when one takes longer than the aim."""
    parser = argparse.ArgumentParser(prog="python -m bench pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({"SIDEGRADE_HOME": folder, "SIDEGRADE_REVIEWER": "ana"})
        _fill(Path(folder))
        taken = {page: script_ms(page, rounds) for page in pages()}
    for page, ms in taken.items():
        print(f"{page:28}{ms:8.0f} ms  (at most {AIM_MS:.0f})")
    if slow := [page for page, ms in taken.items() if ms > AIM_MS]:
        raise SystemExit(f"expected at most {AIM_MS:.0f} ms, got more on {', '.join(slow)}")


def pages() -> list[str]:
    """The scripts of all pages, relative to the frame's folder."""
    scripts = (path for audience in AUDIENCES for path in (FRAME.parent / audience).glob("*.py"))
    return sorted(str(path.relative_to(FRAME.parent)) for path in scripts)


def script_ms(page: str, rounds: int) -> float:
    """Median processor time of a rerun, in milliseconds; the first run, which imports, is left out."""
    app = AppTest.from_file(str(FRAME), default_timeout=60)
    app.switch_page(page)
    app.run()
    taken = []
    for _ in range(rounds):
        begin = time.process_time()
        app.run()
        taken.append(1000 * (time.process_time() - begin))
    return median(taken)


def _fill(home: Path) -> None:
    """Eight pairs, judged by two reviewers, and a golden set of them."""
    now = datetime.now(UTC)
    with Store.open(Settings.from_env({}, home=home)) as store:
        world = make_world(store, now)
        for reviewer in ("ana", "ben"):
            judge(world, reviewer, Outcome.CANDIDATE)
        store.golden.promote(now)


if __name__ == "__main__":
    main()
