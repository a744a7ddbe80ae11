"""Which device a declaration means, and what a batch costs on an accelerator, by torch's own words."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from core.backends.local.devices import CudaMeter, device_class, device_of, free_bytes, free_cache, meter
from core.backends.metering import ProcessMeter
from core.errors import BackendUnavailable
from core.records import Contract, Mode, ModelSpec

SPEC = ModelSpec(
    name="mine", source="mine", num_inference_steps=1, guidance_scale=1, contract=Contract(mode=Mode.RGB)
)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes this machine one with so many accelerators, with or without Apple's."""

    def of(accelerators: int, *, mps: bool = False) -> None:
        monkeypatch.setattr("torch.cuda.device_count", lambda: accelerators)
        monkeypatch.setattr("torch.backends.mps.is_available", lambda: mps)

    return of


@pytest.mark.parametrize(
    ("accelerators", "mps", "declared", "meant"),
    [
        (0, False, "auto", "cpu"),
        (0, True, "auto", "mps"),
        (2, True, "auto", "cuda:0"),
        (2, False, "cuda", "cuda:0"),
        (2, False, "cuda:1", "cuda:1"),
        (2, True, "mps", "mps"),
        (2, True, "cpu", "cpu"),
    ],
)
def test_auto_is_the_first_accelerator_and_anything_else_what_it_says(
    accelerators: int, mps: bool, declared: str, meant: str, machine: Any
) -> None:
    machine(accelerators, mps=mps)
    assert device_of(replace(SPEC, device=declared)) == meant


@pytest.mark.parametrize(
    ("accelerators", "mps", "declared", "has"),
    [
        (0, False, "cuda", "expected the device cuda:0, this machine has cpu"),
        (2, False, "cuda:2", "expected the device cuda:2, this machine has cuda:0, cuda:1, cpu"),
        (1, False, "mps", "expected the device mps, this machine has cuda:0, cpu"),
        (0, True, "cuda:0", "expected the device cuda:0, this machine has mps, cpu"),
    ],
)
def test_a_device_that_is_not_there_is_refused_with_those_that_are(
    accelerators: int, mps: bool, declared: str, has: str, machine: Any
) -> None:
    machine(accelerators, mps=mps)
    with pytest.raises(BackendUnavailable, match=f"^mine: {has}$") as refused:
        device_of(replace(SPEC, device=declared))
    assert "device = 'auto'" in refused.value.remedy


def test_memory_name_and_meter_are_those_of_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda device: (len(device), 10**12))
    monkeypatch.setattr("torch.cuda.get_device_name", lambda device: f"card {device}")
    assert (free_bytes("cuda:1"), device_class("cuda:1")) == (6, "card cuda:1")
    assert 0 < free_bytes("cpu") <= psutil.virtual_memory().total
    assert [device_class(device) for device in ("cpu", "mps")] == ["cpu", "mps"]
    assert isinstance(meter("cuda:0"), CudaMeter)
    assert isinstance(meter("cpu"), ProcessMeter)


class Cuda:
    """Notes in their order what is asked of an accelerator."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        for name in ("synchronize", "reset_peak_memory_stats", "empty_cache"):
            patch.setattr(f"torch.cuda.{name}", self._noting(name))
        patch.setattr("torch.cuda.device", self._on)
        patch.setattr("torch.cuda.Event", self._event)
        patch.setattr("torch.cuda.max_memory_allocated", lambda device: 2_500_000)

    def _noting(self, name: str) -> Any:
        return lambda *on: self.asked.append(" ".join(map(str, (name, *on))))

    @contextmanager
    def _on(self, device: torch.device | str) -> Any:
        self.asked.append(f"on {device}")
        yield
        self.asked.append("off")

    def _event(self, *, enable_timing: bool) -> SimpleNamespace:
        assert enable_timing
        number = sum("made" in word for word in self.asked)
        self.asked.append(f"event {number} made")
        record = lambda: self.asked.append(f"event {number} recorded")  # noqa: E731
        return SimpleNamespace(record=record, elapsed_time=lambda end: 1_250.0 if number == 0 else -1.0)


def test_a_batch_on_an_accelerator_is_timed_between_two_events_that_were_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cuda = Cuda(monkeypatch)
    with CudaMeter("cuda:1") as cost:
        cuda.asked.append("the batch")
        assert (cost.latency_ms, cost.gpu_seconds, cost.peak_memory_mb) == (0.0, 0.0, 0.0)
    assert cuda.asked == [
        "synchronize cuda:1",
        "reset_peak_memory_stats cuda:1",
        "on cuda:1",
        "event 0 made",
        "event 1 made",
        "event 0 recorded",
        "off",
        "the batch",
        "on cuda:1",
        "event 1 recorded",
        "off",
        "synchronize cuda:1",
    ]
    assert (cost.gpu_seconds, cost.peak_memory_mb) == (1.25, 2.5)
    assert 0 < cost.latency_ms < 60_000


def test_only_an_accelerator_has_a_cache_to_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = Cuda(monkeypatch)
    free_cache("cpu")
    assert cuda.asked == []
    free_cache("cuda:0")
    assert cuda.asked == ["on cuda:0", "empty_cache", "off"]
