"""Makes torch safe to use here; nothing happens at import, and each function says when to call it.

Three observed traps: a torchvision built for another torch breaks the import of diffusers, transformers and
lpips; two OpenMP threads beside other busy processes make a generation fifteen times slower (spinning
barriers); and a convolution may choose another algorithm from run to run on CUDA.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_kept_alive: list[torch.library.Library] = []


def prepare_process() -> None:
    """Set what OpenMP and CUDA read once, when torch is first imported: call it first in a process.

    Threads sleep while they wait for each other, and cuBLAS gets the workspace without which its sums differ
    from run to run. What the environment says already stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def prepare_torch(*, threads: int = 1) -> None:
    """Importable torchvision, ``threads`` CPU threads, deterministic kernels where torch has them.

    Call it before a model is loaded.
    """
    import torch

    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    make_torchvision_importable()


def silence_pipelines() -> None:
    """Take the bars and notes of diffusers and transformers off the terminal, errors excepted.

    What they say while loading ("Expected types for vae …") is either checked here or cannot be acted on.
    Called before a pipeline loads and not when a process starts: importing both takes seconds, which a worker
    that draws with Pillow alone never pays.
    """
    make_torchvision_importable()
    import diffusers
    import transformers

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()


def make_torchvision_importable() -> None:
    """Declare the operators that a torchvision without its compiled half registers shapes for.

    The wheel on PyPI is built for CUDA; beside a CPU torch its import ends in "operator torchvision::nms does
    not exist" (pytorch/vision#9085). Models and transforms need no such operator; calling one still raises.
    Nothing is done where torchvision is healthy or absent.
    """
    if "torchvision" in sys.modules:
        return
    import torch

    try:
        import torchvision
    except ModuleNotFoundError:
        return
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _kept_alive.append(library)
        import torchvision  # noqa: F401
