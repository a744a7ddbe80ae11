"""Where a model runs: the device a declaration means, its free memory, and what a batch costs on it."""

from __future__ import annotations

from types import TracebackType

import psutil
import torch

from core.backends.metering import Meter, ProcessMeter
from core.errors import BackendUnavailable
from core.records import ModelSpec


def device_of(spec: ModelSpec) -> str:
    """The device as torch calls it; ``auto`` is the first accelerator, or the CPU.

    Raises:
        BackendUnavailable: when this machine has no such device.
    """
    cuda = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    usable = [*cuda, *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]
    wanted = {"auto": usable[0], "cuda": "cuda:0"}.get(spec.device, spec.device)
    if wanted not in usable:
        raise BackendUnavailable(
            f"{spec.name}: expected the device {wanted}, this machine has {', '.join(usable)}",
            remedy="correct `device` in models.toml, or use device = 'auto'",
        )
    return wanted


def free_bytes(device: str) -> int:
    """Memory that is free at this moment."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def device_class(device: str) -> str:
    """What a recipe records: ``cpu``, ``mps`` or the accelerator's product name."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def free_cache(device: str) -> None:
    """Give memory that torch keeps for later back to the device."""
    if device.startswith("cuda"):
        with torch.cuda.device(device):
            torch.cuda.empty_cache()


def meter(device: str) -> Meter:
    """A meter for one batch on this device."""
    return CudaMeter(device) if device.startswith("cuda") else ProcessMeter()


class CudaMeter:
    """Wall time, time between two CUDA events, and the largest allocation on the device."""

    latency_ms = gpu_seconds = peak_memory_mb = 0.0

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)

    def __enter__(self) -> CudaMeter:
        torch.cuda.synchronize(self._device)
        torch.cuda.reset_peak_memory_stats(self._device)
        self._process = ProcessMeter()
        self._process.__enter__()
        with torch.cuda.device(self._device):
            self._start, self._end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            self._start.record()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with torch.cuda.device(self._device):
            self._end.record()
        torch.cuda.synchronize(self._device)
        self._process.__exit__(kind, error, trace)
        self.latency_ms = self._process.latency_ms
        self.gpu_seconds = self._start.elapsed_time(self._end) / 1000
        self.peak_memory_mb = torch.cuda.max_memory_allocated(self._device) / 1e6
