"""What a batch costs is measured around it: wall time, processor time, and the most memory meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, repeat
from threading import Event
from types import SimpleNamespace

import pytest

from core.backends import metering
from core.backends.metering import ProcessMeter
from core.backends.protocol import never, no_progress


@pytest.mark.parametrize(
    ("rss", "most"),
    [((100, 300, 50), 300), ((100, 80, 120), 120), ((500, 80, 120), 500)],
    ids=["in the middle", "at the end", "at the beginning"],
)
def test_the_largest_memory_is_that_of_any_moment(
    rss: tuple[int, int, int], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, middle, last = rss
    sampled, over = Event(), Event()
    megabytes: Iterator[int] = chain([first], repeat(middle))

    def memory_info() -> SimpleNamespace:
        now = last if over.is_set() else next(megabytes)
        if now == middle:
            sampled.set()
        return SimpleNamespace(rss=now * 1_000_000)

    monkeypatch.setattr(metering.psutil, "Process", lambda: SimpleNamespace(memory_info=memory_info))
    with ProcessMeter() as meter:
        assert sampled.wait(20)
        over.set()
    assert meter.peak_memory_mb == most
    assert not meter._sampler.is_alive()


def test_time_is_told_in_milliseconds_of_the_wall_and_seconds_of_the_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wall, cpu = count(10, 1.5), count(3, 0.25)
    fake = SimpleNamespace(perf_counter=lambda: next(wall), process_time=lambda: next(cpu))
    monkeypatch.setattr(metering, "time", fake)
    with ProcessMeter() as meter:
        assert (meter.latency_ms, meter.gpu_seconds, meter.peak_memory_mb) == (0.0, 0.0, 0.0)
    assert (meter.latency_ms, meter.gpu_seconds) == (1500.0, 0.25)


def test_a_caller_who_does_not_watch_never_cancels() -> None:
    assert never() is False
    no_progress(1, 2)
