"""A network between browser and server: a delaying proxy that counts what passes.

Each direction is a line of 50 Mbit/s that keeps everything half a round trip; a new connection costs one
round trip before its first byte. No loss, no slow start: kind to whoever sends much.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

ROUND_TRIP_S = 0.040
BYTES_PER_S = 50_000_000 / 8
CHUNK = 16 * 1024


@dataclass(kw_only=True)
class Line:
    """One direction: what passed, and until when it is busy."""

    delay_s: float
    bytes_per_s: float
    passed: int = 0
    free_at: float = 0.0

    def take(self, size: int, now: float) -> float:
        """Send ``size`` bytes; gives the moment at which the last one arrives."""
        self.passed += size
        self.free_at = max(now, self.free_at) + size / self.bytes_per_s
        return self.free_at + self.delay_s


@dataclass(kw_only=True)
class Network:
    """The two lines in front of a port of this machine."""

    port: int
    up: Line
    down: Line
    close: Callable[[], object] = lambda: None

    @property
    def passed(self) -> int:
        """Bytes in both directions, headers and frames included."""
        return self.up.passed + self.down.passed


@contextmanager
def network(to_port: int, *, slow: bool) -> Iterator[Network]:
    """A proxy to a local port until the block ends; it only counts when not ``slow``."""
    delay_s, bytes_per_s = (ROUND_TRIP_S / 2, BYTES_PER_S) if slow else (0.0, float("inf"))
    lines = [Line(delay_s=delay_s, bytes_per_s=bytes_per_s) for _ in range(2)]
    opened = Network(port=0, up=lines[0], down=lines[1])
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(opened, to_port, ready)), daemon=True)
    thread.start()
    ready.wait()
    yield opened
    opened.close()
    thread.join()


async def _serve(network: Network, to_port: int, ready: threading.Event) -> None:
    closed, loop = asyncio.Event(), asyncio.get_running_loop()
    network.close = lambda: loop.call_soon_threadsafe(closed.set)
    server = await asyncio.start_server(lambda r, w: _join(r, w, to_port, network), "127.0.0.1", 0)
    network.port = server.sockets[0].getsockname()[1]
    ready.set()
    await closed.wait()
    server.close()


async def _join(
    browser: asyncio.StreamReader, to_browser: asyncio.StreamWriter, port: int, network: Network
) -> None:
    await asyncio.sleep(2 * network.up.delay_s)  # the handshake
    try:
        server, to_server = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        to_browser.close()
        return
    ways = (browser, to_server, network.up), (server, to_browser, network.down)
    with suppress(asyncio.CancelledError):  # the network was closed
        await asyncio.gather(*(_carry(*way) for way in ways))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line) -> None:
    """Bytes leave in order, each at its time; the reader goes on while they are under way."""
    clock = asyncio.get_running_loop().time
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=512)

    async def arrive() -> None:
        while True:
            due, chunk = await under_way.get()
            if not chunk:
                break
            await asyncio.sleep(due - clock())
            writer.write(chunk)
            await writer.drain()
        writer.close()

    arrival = asyncio.ensure_future(arrive())
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            await under_way.put((line.take(len(chunk), clock()), chunk))
    await under_way.put((0.0, b""))
    with suppress(OSError):
        await arrival
