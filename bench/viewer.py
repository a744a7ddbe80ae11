"""The review desk beside what a team would otherwise build: a real Chromium, two 1024×1024 RGBA PNGs.

Beside it stand a plain web page (the floor), ``st.image`` with ``st.button(shortcut=…)``, and
streamlit-image-comparison with the same buttons, each written as its users would. Slow means 40 ms round trip
and 50 Mbit/s.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Browser

from bench.viewer_browser import IN_FRAMES, OURS, PLAIN, STREAMLIT_IMAGES, Judging, chromium, judging
from bench.viewer_gallery import Walk, walk_gallery
from bench.viewer_network import Network, network
from bench.viewer_pairs import FEW, GALLERY_PAIRS, GALLERY_SIDE, PAIRS, SIDE, fill
from bench.viewer_servers import (
    Server,
    empty_database,
    our_votes,
    ours,
    plain_page,
    rival_votes,
    running,
    streamlit_page,
)
from bench.viewer_sessions import SESSIONS, rerun_times

VOTES = 10
PAUSE_MS = 800
FAST_KEYS = 50
FAST_S = 0.05
NAMES = ("Sidegrade", "plain page", "st.image + st.button", "streamlit-image-comparison")


class Way(NamedTuple):
    """One way to judge pairs: its server, the script that finds its pictures, what it stored, its address."""

    server: Server
    images: str
    votes: Callable[[], list[object]]
    path: str = "/"


@dataclass(kw_only=True)
class Scene:
    """What every comparison needs: a browser, a home, the files of its pairs, a folder for the rivals."""

    browser: Browser
    home: Path
    files: Sequence[tuple[Path, Path]]
    folder: Path

    def way(self, name: str, *, purpose: str, pairs: slice = slice(None), path: str = "/") -> Way:
        """A way by its name, with nothing judged yet; ``purpose`` is who judges at our desk."""
        if name == "Sidegrade":
            return Way(ours(self.home, purpose), OURS, lambda: our_votes(self.home, purpose), path)
        database = empty_database(self.folder)
        flat = [file for pair in self.files[pairs] for file in pair]
        if name == "plain page":
            return Way(plain_page(database, flat), PLAIN, lambda: rival_votes(database))
        script, images = {
            "st.image + st.button": ("image_buttons.py", STREAMLIT_IMAGES),
            "streamlit-image-comparison": ("image_comparison.py", IN_FRAMES),
        }[name]
        return Way(streamlit_page(script, database, flat), images, lambda: rival_votes(database))


@contextmanager
def opened(scene: Scene, way: Way, *, slow: bool = False) -> Iterator[tuple[Judging, Network]]:
    """A way's server behind the counting network, and a fresh window at it."""
    with (
        running(way.server),
        network(way.server.port, slow=slow) as line,
        judging(scene.browser, f"http://localhost:{line.port}{way.path}", way.images) as desk,
    ):
        yield desk, line


def key_to_painted(scene: Scene, name: str, *, slow: bool) -> str:
    """Median and 90th percentile from the key to the next pair on screen."""
    with opened(scene, scene.way(name, purpose=f"painted {slow}"), slow=slow) as (desk, _):
        times = desk.judge(votes=VOTES, pause_ms=PAUSE_MS)
    return f"{np.median(times):.0f} / {np.percentile(times, 90):.0f} ms"


def bytes_a_vote(scene: Scene, name: str) -> str:
    """What passes for one vote, both directions, once the pictures that can come ahead are here."""
    way = scene.way(name, purpose="bytes", pairs=slice(FEW), path="/?tag=few")
    with opened(scene, way) as (desk, line):
        before = _settled(desk, line)
        desk.judge(votes=FEW - 1, pause_ms=PAUSE_MS)
        passed = (_settled(desk, line) - before) / (FEW - 1)
    return f"{passed / 1000:.1f} KB" if passed < 100_000 else f"{passed / 1e6:.1f} MB"


def _settled(desk: Judging, line: Network, *, quiet_ms: int = 2000) -> int:
    """What has passed once nothing more comes."""
    passed = -1
    while passed != line.passed:
        passed = line.passed
        desk.page.wait_for_timeout(quiet_ms)
    return passed


def votes_saved(scene: Scene, name: str) -> str:
    """Fifty keys, 50 ms apart, while the server is stopped and started again in the middle."""
    way = scene.way(name, purpose="fast")
    with opened(scene, way) as (desk, _):
        desk.page.wait_for_timeout(1500)
        again = threading.Thread(target=way.server.restart)
        for number in range(FAST_KEYS):
            if number == FAST_KEYS // 2:
                again.start()
            desk.page.keyboard.press("12"[number % 2])
            time.sleep(FAST_S)
        again.join()
        saved = _grown(desk, way)
    return f"{len(saved)} of {FAST_KEYS}, {len(saved) - len(set(saved))} doubled"


def _grown(desk: Judging, way: Way, *, quiet_s: float = 12, at_most_s: float = 60) -> list[object]:
    """The votes once all are there, or none has come for ``quiet_s``."""
    saved, changed, began = way.votes(), time.monotonic(), time.monotonic()
    while len(saved) < FAST_KEYS and time.monotonic() < min(changed + quiet_s, began + at_most_s):
        desk.page.wait_for_timeout(500)
        found = way.votes()
        if len(found) != len(saved):
            saved, changed = found, time.monotonic()
    return saved


def reruns(home: Path, *flags: str) -> str:
    """90th percentile of a rerun of the Review page with fifty sessions at once."""
    with running(ours(home, "many", *flags)) as server:
        times = rerun_times(server.port, "review")
    return f"{np.percentile(times, 90):.0f} ms (median {np.median(times):.0f})"


def gallery(browser: Browser, home: Path) -> Walk:
    """The gallery of thousands of pairs: until it shows, and how smoothly it scrolls."""
    with running(ours(home, "walker")) as server:
        return walk_gallery(browser, f"http://localhost:{server.port}/")


def main() -> None:
    """Print the table."""
    print(f"Chromium, {os.cpu_count()} CPU cores, no GPU; {SIDE}×{SIDE} RGBA PNGs\n")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        now = datetime.now(UTC)
        many = folder / "many"
        fill(many, now, pairs=GALLERY_PAIRS, side=GALLERY_SIDE)
        home, rivals = folder / "home", folder / "rivals"
        rivals.mkdir()
        files = fill(home, now, pairs=PAIRS, side=SIDE)
        scene = Scene(browser=stack.enter_context(chromium()), home=home, files=files, folder=rivals)
        size = sum(file.stat().st_size for file in files[0]) / 1e6
        print(f"A pair is {size:.1f} MB.\n\n| figure | aim | {' | '.join(NAMES)} |\n{'|---' * 6}|")
        across("key → next pair painted, median / p90", "≤ 15 / 40 ms", key_to_painted, scene, slow=False)
        across("the same, 40 ms round trip, 50 Mbit/s", "≤ 20 / 50 ms", key_to_painted, scene, slow=True)
        across("bytes per vote after prefetch", "≤ 2 KB", bytes_a_vote, scene)
        saved = {name: votes_saved(scene, name) for name in (NAMES[0], NAMES[2])}
        row("votes saved of 50 keys, 50 ms apart, one restart", "50, 0 doubled", saved)
        pages = {NAMES[0]: reruns(home), NAMES[2]: "Streamlit's defaults: " + reruns(home, *DEFAULTS)}
        row(f"{SESSIONS} reviewers at once, rerun p90", "≤ 50 ms", pages)
        walk = gallery(scene.browser, many)
        words = f"{walk.first_s:.2f} s (all in sight {walk.all_s:.2f} s) / {walk.hitches}"
        row(
            f"gallery of {GALLERY_PAIRS:,} pairs: first thumbnails / hitches > 100 ms",
            "≤ 1 s / 0",
            {NAMES[0]: words},
        )


DEFAULTS = ("--runner.postScriptGC", "true")


def across(figure: str, aim: str, measure: Callable[..., str], scene: Scene, **options: bool) -> None:
    """One line of the table: the same measure on every way."""
    row(figure, aim, {name: measure(scene, name, **options) for name in NAMES})


def row(figure: str, aim: str, cells: dict[str, str]) -> None:
    """One line of the table; a way without a figure has a dash."""
    print(f"| {figure} | {aim} | {' | '.join(cells.get(name, '–') for name in NAMES)} |", flush=True)


if __name__ == "__main__":
    main()
