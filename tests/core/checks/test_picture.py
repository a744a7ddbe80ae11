"""Features are computed once per picture, kept within a budget, and never mixed up."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from core.checks.picture import BACKGROUNDS, OPAQUE, OWN_BYTES, FeatureCache, Picture, backgrounds_of


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


def kept(cache: FeatureCache, keys: Iterable[str]) -> list[str]:
    """The keys whose values are in the cache."""

    def holds(key: str) -> bool:
        with suppress(ZeroDivisionError):
            cache.get(key, lambda: 1 // 0)
            return True
        return False

    return [key for key in keys if holds(key)]


def test_threads_never_lose_an_entry_and_the_bytes_are_those_of_what_is_kept() -> None:
    sizes = {f"key {number}": 100 + 37 * number for number in range(60)} | {"too large": 40_000}
    bound = sum(sizes.values()) // 3
    assert max(sizes.values()) > bound
    cache, computing, keys = FeatureCache(bound), set(), list(sizes)

    def block(key: str) -> np.ndarray:
        assert key not in computing, "computed twice at a time"
        computing.add(key)
        made = np.zeros(sizes[key], np.uint8)
        computing.remove(key)
        return made

    def ask(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(10_000):
            key = chance.choice(keys)
            assert len(cache.get(key, lambda key=key: block(key))) == sizes[key]
            assert cache.kept_bytes <= bound

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # as many changes of thread as possible
    try:
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(ask, range(6)))
    finally:
        sys.setswitchinterval(before)
    held = kept(cache, keys)
    assert 0 < len(held) < len(keys)
    assert cache.kept_bytes == sum(sizes[key] for key in held) <= bound


def test_a_value_larger_than_the_cache_is_given_and_not_kept() -> None:
    cache = FeatureCache(1_000)
    cache.get("small", lambda: np.zeros(600, np.uint8))
    assert len(cache.get("large", lambda: np.zeros(1_001, np.uint8))) == 1_001
    assert kept(cache, ["small", "large"]) == ["small"]
    assert cache.kept_bytes == 600


def test_a_picture_without_a_cache_keeps_its_features_itself() -> None:
    computed: list[int] = []
    one, other = (Picture(Image.new("RGB", (8, 8), "red")) for _ in range(2))
    for picture in (one, one, other):
        picture.feature("mean", lambda: computed.append(1) or 1)
    assert len(computed) == 2


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


def test_what_a_value_takes_is_counted_by_its_bytes_and_a_kibibyte_for_what_has_none() -> None:
    cache = FeatureCache(10_000)
    cache.get("number", lambda: 7)
    assert cache.kept_bytes == 1024
    cache.get("arrays", lambda: (np.zeros(100, np.uint8), [np.zeros(50, np.uint8), None]))
    assert cache.kept_bytes == 1024 + 150 + 1024


def test_a_cache_holds_half_a_gibibyte_unless_it_is_told_otherwise() -> None:
    assert OWN_BYTES == 512 * 2**20
    assert FeatureCache()._kept.maxsize == OWN_BYTES


def test_a_turn_is_forgotten_when_no_thread_waits_for_it() -> None:
    cache = FeatureCache(10_000)
    cache.get("key", lambda: cache.get("another", lambda: 1))
    assert cache._turns == {}


@pytest.mark.parametrize(("alpha", "opaque"), [(OPAQUE - 1, False), (OPAQUE, True), (255, True)])
def test_a_picture_is_opaque_from_a_level_of_alpha_that_no_viewer_can_tell_from_full(
    alpha: int, opaque: bool
) -> None:
    picture = Picture(Image.new("RGBA", (3, 2), (200, 100, 0, alpha)))
    assert OPAQUE == 240
    assert picture.is_opaque is opaque
    assert picture.over("black")[0, 0].tolist() == ([200, 100, 0] if opaque else [187, 94, 0])
    assert (picture.alpha == alpha).all()


def test_a_picture_without_a_band_of_alpha_is_full_and_knows_its_size_and_frame() -> None:
    picture = Picture(Image.new("L", (3, 2), 90))
    assert not picture.has_alpha_band
    assert (picture.alpha.shape, picture.alpha.min()) == ((2, 3), 255)
    assert picture.rgb[0, 0].tolist() == [90, 90, 90]
    assert (picture.size, picture.frame) == ((3, 2), (0, 0, 3, 2))
    assert Picture(Image.new("LA", (3, 2))).has_alpha_band


def test_mid_grey_is_128() -> None:
    assert BACKGROUNDS == {"white": 255, "black": 0, "grey": 128}
    clear = Picture(Image.new("RGBA", (1, 1)))
    assert [int(clear.over(name)[0, 0, 0]) for name in BACKGROUNDS] == [255, 0, 128]
