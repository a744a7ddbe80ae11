"""A home full of pairs for the viewer's comparison: large RGBA posters to judge, thousands of small ones.

Posters are lettering and grain over transparency, about as hard to compress as what a model draws: 2 MB for
1024×1024.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.config.settings import Settings
from core.digests import pixel_digest
from core.records import Arm, Case, Job, RenderStatus, Suite
from db.store import Store
from tests import world

PAIRS = 60
SIDE = 1024
FEW = 4
"""Pairs with a tag of their own: as many as are on the table and decoded ahead."""
GALLERY_PAIRS = 2_800
GALLERY_SIDE = 192


def fill(home: Path, now: datetime, *, pairs: int, side: int) -> list[tuple[Path, Path]]:
    """A run of ``pairs`` finished pairs of ``side``×``side`` RGBA; gives the two files of each pair."""
    cases = tuple(
        Case(
            name=f"poster-{number:04d}",
            prompt=f"poster number {number}",
            width=side,
            height=side,
            tags=("few",) if number < FEW else (),
        )
        for number in range(pairs)
    )
    with Store.open(Settings.from_env({}, home=home)) as store:
        world.request_run(store, now, suite=Suite(name="bench", cases=cases), seeds=(1,))
        jobs = store.jobs.claim("bench", limit=pairs, lease_seconds=3600)
        return [_finish(store, job, number, side, now) for number, job in enumerate(jobs)]


def _finish(store: Store, job: Job, number: int, side: int, now: datetime) -> tuple[Path, Path]:
    """End a pair with two posters; gives their files."""
    pair = store.pairs.get(job.subject_id)
    case = store.suites.case(pair.case_digest)
    renders = []
    for arm in Arm:
        image = poster(side, number, changed=arm is Arm.CANDIDATE)
        digest = _stored(store, image)
        record = world.failed_render(pair, case, arm, now)
        done = replace(record, status=RenderStatus.DONE, failure=None, latency_ms=100.0)
        renders.append(replace(done, digest=digest, mode="RGBA", width=side, height=side))
    store.jobs.finish_pair(job.id, "bench", renders=renders, measurements=[], noise_shared=True, now=now)
    return store.blobs.path(str(renders[0].digest)), store.blobs.path(str(renders[1].digest))


def poster(side: int, number: int, *, changed: bool) -> Image.Image:
    """RGBA: a field of noise inside a soft disc, and lettering; no two numbers give the same one."""
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[..., :3] = np.roll(_grain(side), (number * 7, number * 11 + changed), axis=(0, 1))
    pixels[..., 3] = _disc(side)
    image = Image.fromarray(pixels, "RGBA")
    words = f"SALE {number}" + (" NOW" if changed else "")
    ImageDraw.Draw(image).text((side // 8, side // 2), words, (255, 255, 255, 255), font_size=side / 10)
    return image


@cache
def _grain(side: int) -> NDArray[np.uint8]:
    """Noise over a gradient. Its strength sets how large the file becomes."""
    noise = np.random.default_rng(7).integers(0, 10, (side, side, 3))
    slope = np.linspace(20, 200, side, dtype=np.int64)
    return (slope[:, None, None] + noise).astype(np.uint8)


@cache
def _disc(side: int) -> NDArray[np.uint8]:
    """Alpha from opaque in the middle to clear in the corners."""
    y, x = np.mgrid[:side, :side] / side - 0.5
    alpha: NDArray[np.uint8] = np.clip((0.55 - np.hypot(x, y)) * 2000, 0, 255).astype(np.uint8)
    return alpha


def _stored(store: Store, image: Image.Image) -> str:
    """Put a lightly compressed file in its place, faster than the store would press it; gives the digest."""
    digest = pixel_digest(image)
    path = store.blobs.path(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "PNG", compress_level=1)
    return digest
