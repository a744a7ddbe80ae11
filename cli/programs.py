"""What ``sidegrade`` starts as processes of their own: a worker, and the app."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping

from cli.processes import Program
from core.config.settings import PROJECT, Settings


def worker_program(environment: Mapping[str, str]) -> Program:
    """The worker, as a process of its own."""
    return Program(name="the worker", module="cli", arguments=("worker",), environment=environment)


def app_program(environment: Mapping[str, str], address: str, port: int) -> Program:
    """Streamlit with our ASGI entry; the rest of its settings stand in ``.streamlit/config.toml``."""
    options = {
        "server.port": str(port),
        "server.address": address,
        "server.headless": "true",
        "logger.hideWelcomeMessage": "true",  # `sidegrade up` says the address itself, once all is ready
    }
    return Program(
        name="the app",
        module="streamlit",
        arguments=("run", str(PROJECT / "app.py"), *(f"--{name}={value}" for name, value in options.items())),
        environment={**environment, "SIDEGRADE_HOSTS": _hosts(environment, address)},
    )


def _hosts(environment: Mapping[str, str], address: str) -> str:
    """The names under which the app answers: those of the environment, and that of its address."""
    listed = environment.get("SIDEGRADE_HOSTS", "")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return ",".join(filter(None, (listed, address)))
    return listed


def environment_of(settings: Settings) -> dict[str, str]:
    """Our own environment with the chosen home; modules come from this project, never from where we stand."""
    return {
        **os.environ,
        "SIDEGRADE_HOME": str(settings.home),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH")))),
        "PYTHONSAFEPATH": "1",  # a folder named core/ or pages/ in the current one must not shadow ours
        "PYTHONUNBUFFERED": "1",
    }
