"""How many pairs a second do the checks examine? Beside a plain script, at 512 and 1024 px, in one run.

The plain script calls lpips, flip-evaluator, scikit-image and rapidocr (twice) once per pair, as their
manuals show. Sidegrade runs the same four measures on the same pairs, then *all* of its checks, then all once
more with a second candidate for the same baselines. It does so as its worker does: one pair after the other,
on one thread, with the memory for features that the settings allow; the script may use every core. Each way
runs in a process of its own, so that its peak memory is its own; networks are loaded before the clock starts.
CPU seconds are given because they hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.checks import CHECKS, PairToExamine
from core.checks.selftest.scenes import draw_scene, last_bit, oversaturated
from core.config.settings import Settings
from core.records import Case, ExpectedText
from worker.check_runner import InProcessCheckRunner

LINES = (("SUMMER SALE", 0.085), ("21 JULY", 0.05), ("Terms and conditions apply", 0.03))
"""Lines of a poster and the size of their type, in shares of the side."""
FOUR = ("lpips", "flip", "ssim", "typography")
"""The checks that measure what the plain script measures."""


class Cost(NamedTuple):
    """What a way took for a number of pairs."""

    pairs: int
    wall: float
    cpu: float
    peak_mb: float


def main() -> None:
    """Print one table a size."""
    parser = argparse.ArgumentParser(prog="python -m bench.checks_throughput", description=__doc__)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024])
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.way:
        print(json.dumps(WAYS[wanted.way](wanted.sizes[0], wanted.pairs)))
        return
    for side in wanted.sizes:
        print(f"\n{side}×{side}, {wanted.pairs} pairs, {os.cpu_count()} cores, {len(CHECKS)} checks")
        print(table({way: in_own_process(way, side, wanted.pairs) for way in WAYS}))


def in_own_process(way: str, side: int, pairs: int) -> Cost:
    """Run one way alone, and read its cost."""
    command = [sys.executable, "-m", "bench.checks_throughput", "--way", way]
    command += ["--sizes", str(side), "--pairs", str(pairs)]
    threads = {} if way == "plain script" else {"OMP_NUM_THREADS": "1"}  # as the worker's own process
    done = subprocess.run(command, env={**os.environ, **threads}, capture_output=True, text=True, check=True)
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


def table(costs: dict[str, Cost]) -> str:
    """Pairs a second, CPU seconds a pair, how many times the plain script's speed, peak memory."""
    plain = costs["plain script"]
    rows = [
        "| way | pairs/s | CPU s a pair | × plain (wall) | × plain (CPU) | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    for way, c in costs.items():
        speeds = plain.wall / plain.pairs * c.pairs / c.wall, plain.cpu / plain.pairs * c.pairs / c.cpu
        rows.append(
            f"| {way} | {c.pairs / c.wall:.2f} | {c.cpu / c.pairs:.2f} | {speeds[0]:.1f} | {speeds[1]:.1f} "
            f"| {c.peak_mb:.0f} |"
        )
    return "\n".join(rows)


def poster(side: int, seed: int) -> Image.Image:
    """A scene with three lines of white type on dark bars."""
    image = draw_scene(seed, side=side)
    draw = ImageDraw.Draw(image)
    for number, (text, size) in enumerate(LINES, start=1):
        face, y = ImageFont.load_default(size * side), number * side / 4
        draw.rectangle(draw.textbbox((side / 2, y), text, face, anchor="mm"), fill=(20, 24, 40))
        draw.text((side / 2, y), text, "white", face, anchor="mm")
    return image


def evidence(side: int, pairs: int, change: Callable[[Image.Image], Image.Image]) -> Iterator[PairToExamine]:
    """Pairs of posters, the candidate changed."""
    expected = tuple(
        ExpectedText(text=text, letter_height_px=round(0.7 * size * side)) for text, size in LINES
    )
    for seed in range(pairs):
        drawn = poster(side, seed)
        case = Case(name=f"poster-{seed}", prompt="drawn", width=side, height=side, expected_text=expected)
        yield PairToExamine(pair_id=f"pair-{seed}", case=case, baseline=drawn, candidate=change(drawn))


def four_measures(side: int, pairs: int) -> Cost:
    """Only what the plain script measures, on new pairs."""
    runner = _runner(FOUR)
    _examine(runner, evidence(256, 1, oversaturated))
    return _timed(pairs, lambda: _examine(runner, evidence(side, pairs, oversaturated)))


def one_candidate(side: int, pairs: int) -> Cost:
    """All checks on new pairs."""
    runner = _runner()
    _examine(runner, evidence(256, 1, oversaturated))
    return _timed(pairs, lambda: _examine(runner, evidence(side, pairs, oversaturated)))


def second_candidate(side: int, pairs: int) -> Cost:
    """All checks when the baselines have met another candidate before."""
    runner = _runner()
    _examine(runner, evidence(side, pairs, oversaturated))
    return _timed(pairs, lambda: _examine(runner, evidence(side, pairs, last_bit)))


def plain_script(side: int, pairs: int) -> Cost:
    """What somebody writes in an afternoon with the four packages."""
    compare = _plain_compare()
    images = [(e.baseline, e.candidate) for e in evidence(side, pairs, oversaturated)]
    compare(*[poster(256, 0)] * 2)

    def run() -> None:
        for baseline, candidate in images:
            compare(baseline, candidate)

    return _timed(pairs, run)


def _plain_compare() -> Callable[[Any, Any], None]:
    import flip_evaluator
    import torch
    from rapidocr import RapidOCR
    from skimage.metrics import structural_similarity

    from core.checks.measures.lpips import load_network

    network = load_network(Settings.from_env(os.environ)).module
    reader = RapidOCR(params={"Global.log_level": "critical"})

    def compare(baseline: Image.Image, candidate: Image.Image) -> None:
        a, b = (np.asarray(image.convert("RGB")) for image in (baseline, candidate))
        tensors = [torch.from_numpy(x.copy()).permute(2, 0, 1)[None] / 127.5 - 1 for x in (a, b)]
        with torch.inference_mode():
            network(*tensors)
        flip_evaluator.evaluate(a.astype(np.float32) / 255, b.astype(np.float32) / 255, "LDR")
        structural_similarity(a, b, channel_axis=2)
        for image in (a, b):
            reader(np.ascontiguousarray(image[..., ::-1]))

    return compare


def _runner(checks: Sequence[str] = tuple(CHECKS)) -> InProcessCheckRunner:
    return InProcessCheckRunner(Settings.from_env(os.environ), checks)


def _examine(runner: InProcessCheckRunner, pairs: Iterator[PairToExamine]) -> None:
    for pair in pairs:
        runner.submit(pair, datetime.now(UTC))
        errors = [f"{m.check}: {m.reason}" for m in runner.next() if m.status == "error"]
        if errors:
            sys.exit(f"not a fair comparison, a check did not run: {errors[0]}")


def _timed(pairs: int, run: Callable[[], None]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(pairs, time.perf_counter() - wall, time.process_time() - cpu, peak)


WAYS: dict[str, Callable[[int, int], Cost]] = {
    "plain script": plain_script,
    "the same four, new pairs": four_measures,
    "all checks, new pairs": one_candidate,
    "all checks, second candidate": second_candidate,
}

if __name__ == "__main__":
    main()
