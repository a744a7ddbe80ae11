"""What ``sidegrade`` starts as processes of their own: a worker, and the app."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cli.processes import Program
from core.settings import PROJECT, Settings


def worker_program(environment: Mapping[str, str]) -> Program:
    """The worker, as a process of its own."""
    return Program(
        name="the worker", module="cli", arguments=("worker",), environment=environment, folder=str(PROJECT)
    )


def app_program(environment: Mapping[str, str], address: str, port: int) -> Program:
    """Streamlit with our ASGI entry; the rest of its settings stand in ``.streamlit/config.toml``."""
    options = ("--server.port", str(port), "--server.address", address, "--server.headless", "true")
    return Program(
        name="the app",
        module="streamlit",
        arguments=("run", str(PROJECT / "app.py"), *options),
        environment=environment,
        folder=str(PROJECT),
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """Our own environment, with the home spelled out: a child starts in the project's folder."""
    return {**os.environ, "SIDEGRADE_HOME": str(settings.home), "PYTHONUNBUFFERED": "1"}
