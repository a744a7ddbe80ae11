"""What one batch costs: wall time, processor time and peak memory, measured around the pipeline call."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Protocol

import psutil

SAMPLE_SECONDS = 0.02


class Meter(Protocol):
    """A context manager whose figures hold once it was left."""

    latency_ms: float
    gpu_seconds: float
    peak_memory_mb: float

    def __enter__(self) -> Meter: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class ProcessMeter:
    """Wall time, CPU time of the process and its largest resident memory, sampled 50 times a second."""

    latency_ms = gpu_seconds = peak_memory_mb = 0.0

    def __enter__(self) -> ProcessMeter:
        self._process = psutil.Process()
        self._peak = self._process.memory_info().rss
        self._stop = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.latency_ms = (time.perf_counter() - self._wall) * 1000
        self.gpu_seconds = time.process_time() - self._cpu
        self._stop.set()
        self._sampler.join()
        self.peak_memory_mb = max(self._peak, self._process.memory_info().rss) / 1e6

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, self._process.memory_info().rss)
