"""What every stage shares: a device, a line of progress, checkpoints that survive a kill, a learning curve.

Stages count steps, never minutes, and all chance comes from seeded generators whose state is kept in the
checkpoint: a stage that is stopped and started again draws the same batches.
"""

import json
import os
import time
from pathlib import Path

import torch


def device() -> torch.device:
    """CUDA when there is one, else the CPU with one thread (two busy OpenMP threads are slower than one)."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    torch.set_num_threads(int(os.environ.get("TRAINING_THREADS", "1")))
    return torch.device("cpu")


def write_atomically(value: object, path: Path) -> None:
    """Save with torch under a temporary name, then rename: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    torch.save(value, unfinished)
    unfinished.rename(path)


class Progress:
    """Counts a stage's steps; prints and appends a row of means to `curve.jsonl` every `every` steps."""

    def __init__(
        self,
        stage: str,
        steps: int,
        folder: Path,
        *,
        every: int = 50,
        started_at: int = 0,
        seconds: float = 0.0,
    ) -> None:
        self.stage, self.steps, self.every, self.step = stage, steps, every, started_at
        self._curve = folder / "curve.jsonl"
        self._values: dict[str, list[float]] = {}
        self._earlier_seconds, self._start, self._cpu = seconds, time.monotonic(), time.process_time()

    @property
    def seconds(self) -> float:
        """Wall time spent in this stage, over all its starts."""
        return self._earlier_seconds + time.monotonic() - self._start

    def advance(self, **values: float) -> None:
        """One step is done and gave these values."""
        self.step += 1
        for name, value in values.items():
            self._values.setdefault(name, []).append(value)
        if self.step % self.every == 0 or self.step == self.steps:
            self._write()

    def _write(self) -> None:
        means = {name: round(sum(v) / len(v), 5) for name, v in self._values.items() if v}
        row = {
            "stage": self.stage,
            "step": self.step,
            "minutes": round(self.seconds / 60, 3),
            "cpu_minutes": round((time.process_time() - self._cpu) / 60, 3),
            **means,
        }
        self._curve.parent.mkdir(parents=True, exist_ok=True)
        with self._curve.open("a") as lines:
            lines.write(json.dumps(row) + "\n")
        shown = " ".join(f"{name} {value:.4f}" for name, value in means.items())
        print(f"{self.stage} {self.step}/{self.steps} {row['minutes']:.1f} min {shown}", flush=True)
        self._values.clear()


def warm_then_decay(step: int, steps: int, *, warm: int, decay: float, floor: float) -> float:
    """Learning-rate factor: linear over `warm` steps, flat, linear to `floor` over the last share `decay`."""
    rise = min(1.0, (step + 1) / warm)
    left = (steps - step) / max(1.0, steps * decay)
    return rise * (max(floor, min(1.0, left)) if decay else 1.0)
