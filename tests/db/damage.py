"""What can become of a stored file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from core.records import Arm, Render
from tests.world import World


def cut(path: Path) -> None:
    """Only its first half is left."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def swapped(path: Path) -> None:
    """It holds another picture, whole."""
    Image.new("RGBA", (48, 48), "red").save(path, "PNG")


def altered(path: Path) -> None:
    """One bit of it has turned over."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": cut,
    "swapped": swapped,
    "bytes of equal length": altered,
    "empty": lambda path: path.write_bytes(b""),
    "missing": Path.unlink,
}


def a_render(world: World) -> Render:
    """The baseline of the first pair: ``sale-now``, seed 1."""
    return world.store.renders.of_pair(world.pairs[0].id)[Arm.BASELINE]
