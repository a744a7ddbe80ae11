"""``sidegrade up``: the database, a worker and the app, started together and ended together."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answers import Answer, explained
from cli.call import Call, command
from cli.processes import Supervisor, ending, stop, stop_signals
from cli.programs import app_program, environment_of, worker_program
from cli.starter import offer_suites, request_starter
from cli.waiting import store_when_there
from core.config.settings import Settings
from core.errors import InvalidInput, ModelError, StartFailed
from core.failures import failure_of

if TYPE_CHECKING:
    from db.store import Store

commands = typer.Typer()

START_TIMEOUT_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.25


@command(commands)
def up(
    call: Call,
    port: Annotated[int, typer.Option(help="Port of the app.", min=1, max=65535)] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
) -> None:
    """Start the worker and the app; Ctrl-C ends both.

    The first start creates the database and asks for the suite `starter` on the embedded models. A database
    that does not answer yet is waited for.
    """
    refuse_taken_port(address, port)
    environment = environment_of(call.settings)
    supervisors: list[Supervisor] = []
    with stop_signals() as stopping:
        try:
            supervisors.append(app := Supervisor(app_program(environment, address, port)))
            # while the app is still importing Streamlit
            opened = store_when_there(call, stopping, meanwhile=lambda: refuse_ended(app.process))
            if opened is None:
                return
            with opened as store:
                for broken in offer_suites(store, call.settings, call.now()):
                    print(f"a suite is left out: {explained(failure_of(broken))}", file=sys.stderr)
                runs = first_runs(store, call)
            wait_until_ready(app.process, address, port, stopping)
            supervisors.append(worker := Supervisor(worker_program(environment)))
            if not stopping.is_set():
                call.say(ready(call.settings, address, port, runs))
            while not stopping.wait(LOOK_EVERY_SECONDS):
                worker.look()
                refuse_ended(app.process)
        finally:
            print("ending the app and the worker …", file=sys.stderr)
            stop([supervisor.process for supervisor in supervisors])


def first_runs(store: Store, call: Call) -> list[str]:
    """What the first start asks for. A team that declares other models starts without, and so does a home
    whose starter suite or models.toml is broken; the terminal is told.
    """
    try:
        return request_starter(store, call.settings, call.now())
    except (InvalidInput, ModelError) as error:
        print(f"the starter suite is not drawn: {explained(failure_of(error))}", file=sys.stderr)
        return []


def ready(settings: Settings, address: str, port: int, runs: Sequence[str]) -> Answer:
    """The address, home and first runs, as said once the app answers."""
    url = f"http://{'localhost' if address in ('127.0.0.1', '0.0.0.0') else address}:{port}"
    first = f"\nFirst start: {len(runs)} runs of the suite starter are being made." if runs else ""
    return Answer(
        document={"url": url, "home": settings.home, "requested_runs": runs, "pid": os.getpid()},
        text=f"Sidegrade is ready at {url}  (home {settings.home}; Ctrl-C ends it){first}",
    )


def refuse_taken_port(address: str, port: int) -> None:
    """Refuse a port that another program listens on, before anything is started.

    Raises:
        StartFailed: when the port is in use, or the address is not one of this machine.
    """
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        raise StartFailed(
            f"cannot listen on {address}:{port}: {error.strerror or error}",
            remedy=f"free this port, or take another: sidegrade up --port {port + 1}",
        ) from error


def wait_until_ready(
    app: subprocess.Popen[bytes], address: str, port: int, stopping: threading.Event
) -> None:
    """Wait until the app answers, or a stop is asked for.

    Raises:
        StartFailed: when the app ends, or says nothing for a minute.
    """
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not answers(address, port):
        refuse_ended(app)
        if time.monotonic() > deadline:
            raise StartFailed(f"the app did not answer within {START_TIMEOUT_SECONDS:.0f} s")
        if stopping.wait(LOOK_EVERY_SECONDS):
            return


def answers(address: str, port: int) -> bool:
    """Whether the app at this port is healthy."""
    connection = http.client.HTTPConnection("127.0.0.1" if address == "0.0.0.0" else address, port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def refuse_ended(app: subprocess.Popen[bytes]) -> None:
    """Raise when the app has ended unasked.

    Raises:
        StartFailed: with the way it ended.
    """
    if (code := app.poll()) is not None:
        raise StartFailed(f"the app {ending(code)}", remedy="its own messages stand above")
