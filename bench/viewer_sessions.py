"""Many reviewers at one server: sessions over Streamlit's websocket, each asking for a rerun every 2 s."""

from __future__ import annotations

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

SESSIONS = 50
THINK_S = 2.0
FOR_S = 20.0


def rerun_times(port: int, page: str) -> list[float]:
    """Milliseconds from each request for a rerun of a page to the end of its script."""
    # a thread of its own: the browser's driver keeps an event loop running in this one
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _all(port, page)).result()


async def _all(port: int, page: str) -> list[float]:
    until = time.monotonic() + FOR_S
    sessions = [_session(port, page, until, random.Random(number)) for number in range(SESSIONS)]
    return [ms for times in await asyncio.gather(*sessions) for ms in times]


async def _session(port: int, page: str, until: float, chance: random.Random) -> list[float]:
    """One reviewer; the first run, which everybody makes once, is not among the times."""
    times: list[float] = []
    await asyncio.sleep(chance.uniform(0, 2 * THINK_S))
    address = f"ws://localhost:{port}/_stcore/stream"
    async with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
        await _rerun(socket, page)
        while time.monotonic() < until:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * THINK_S)
            times.append(await _rerun(socket, page))
    return times


async def _rerun(socket: ClientConnection, page: str) -> float:
    wanted = BackMsg()
    wanted.rerun_script.page_name = page
    started = time.perf_counter()
    await socket.send(wanted.SerializeToString())
    while True:
        answer = ForwardMsg.FromString(await socket.recv(decode=False))
        if answer.WhichOneof("type") == "script_finished":
            return (time.perf_counter() - started) * 1000
