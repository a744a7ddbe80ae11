"""torch is made safe where it is used, and what the environment says already stays."""

from __future__ import annotations

import os

import pytest

from core.torch_runtime import prepare_process, prepare_torch, silence_pipelines


def test_threads_sleep_while_they_wait_and_sums_are_the_same_from_run_to_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OMP_WAIT_POLICY", "CUBLAS_WORKSPACE_CONFIG"):
        monkeypatch.setenv(name, "")  # so that both are put back
        monkeypatch.delenv(name)
    prepare_process()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_what_the_environment_says_of_threads_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    prepare_process()
    assert (os.environ["OMP_WAIT_POLICY"], os.environ["CUBLAS_WORKSPACE_CONFIG"]) == ("active", ":16:8")


def test_a_convolution_chooses_the_same_kernel_every_time_and_one_thread_unless_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    before = torch.get_num_threads()
    try:
        for told, threads in (({"threads": 2}, 2), ({}, 1)):
            torch.set_num_threads(3)
            prepare_torch(**told)
            assert torch.get_num_threads() == threads
        assert not torch.backends.cudnn.benchmark
        assert torch.backends.cudnn.deterministic
    finally:
        torch.set_num_threads(before)


def test_pipelines_draw_no_bars_and_say_only_errors() -> None:
    import diffusers
    import transformers

    libraries = (diffusers.utils.logging, transformers.utils.logging)
    for logging in libraries:
        logging.set_verbosity_info()
        logging.enable_progress_bar()
    silence_pipelines()
    for logging in libraries:
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
