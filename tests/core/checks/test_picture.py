"""Features are computed once per picture, kept within a budget, and never mixed up."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from core.checks.picture import FeatureCache, Picture, backgrounds_of


def test_a_feature_is_computed_once_for_equal_pixels() -> None:
    cache, computed = FeatureCache(1 << 20), []
    for _ in range(3):
        picture = Picture(Image.new("RGB", (8, 8), "red"), cache=cache)
        picture.feature("mean", lambda: computed.append(1) or 1)
    Picture(Image.new("RGB", (8, 8), "blue"), cache=cache).feature("mean", lambda: computed.append(1) or 2)
    assert len(computed) == 2


def test_threads_that_ask_at_once_wait_for_one_computation() -> None:
    cache, computed = FeatureCache(1 << 20), []
    barrier = threading.Barrier(4)

    def slow() -> int:
        time.sleep(0.05)
        computed.append(1)
        return 7

    def ask() -> int:
        barrier.wait()
        return cache.get("key", slow)

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask) for _ in range(4)]
    assert [answer.result() for answer in answers] == [7] * 4
    assert len(computed) == 1


def test_the_least_recently_used_feature_goes_first() -> None:
    cache, computed = FeatureCache(2_500), []

    def block(name: str) -> np.ndarray:
        return cache.get(name, lambda: computed.append(name) or np.zeros(1_000, np.uint8))

    for name in ("a", "b", "a", "c", "a", "b"):
        block(name)
    assert computed == ["a", "b", "c", "b"]


def test_a_failed_computation_is_tried_again() -> None:
    cache = FeatureCache(1 << 20)
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 // 0)
    assert cache.get("key", lambda: 5) == 5


def test_composites_follow_the_alpha() -> None:
    half = Picture(Image.new("RGBA", (2, 1), (200, 100, 0, 128)), cache=FeatureCache(1 << 20))
    assert half.over("black")[0, 0].tolist() == [100, 50, 0]
    assert half.over("white")[0, 0].tolist() == [227, 177, 127]
    assert half.rgb[0, 0].tolist() == [200, 100, 0]


def test_opaque_pictures_need_one_background_only() -> None:
    opaque = Picture(Image.new("RGB", (2, 2)))
    glass = Picture(Image.new("RGBA", (2, 2), (0, 0, 0, 9)))
    assert backgrounds_of(opaque, opaque) == ("white",)
    assert backgrounds_of(opaque, glass) == ("white", "black", "grey")
