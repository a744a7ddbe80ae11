"""Values that tests hold as stored: `known/<name>.json` beside the test, compared whole, never typed by hand.

They are for what must not change unnoticed: a drawn picture, the words of a report, the settings of a record.
A change made on purpose is written by the command that the module of a room names; its difference in the JSON
file is read before it is committed. Nothing stored stands on torch, a network or the fonts of a machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PIL import Image

Known = Mapping[str, Callable[[], Any]]
"""What is stored under a name, and how it is found anew."""


def stored(module: str, name: str) -> Any:
    """What lies in the folder ``known`` beside a module, given by its ``__file__``."""
    return json.loads(_file(module, name).read_text(encoding="utf-8"))


def as_stored(value: object) -> Any:
    """A value as it comes back from its file: tuples are lists, keys are texts."""
    return json.loads(json.dumps(value))


def write(module: str, known: Known) -> None:
    """Write every value of a module anew."""
    for name, found in known.items():
        text = json.dumps(found(), ensure_ascii=False, indent=1)
        _file(module, name).parent.mkdir(exist_ok=True)
        _file(module, name).write_text(f"{text}\n", encoding="utf-8")


def picture(image: Image.Image) -> str:
    """An image in one line: mode, size and the beginning of a digest of its pixels."""
    digest = hashlib.sha256(image.tobytes()).hexdigest()[:16]
    return f"{image.mode} {image.width}×{image.height} {digest}"


@contextmanager
def one_face() -> Iterator[None]:
    """Lettering as every machine draws it: Pillow's own face, set by Pillow itself."""
    with patch("PIL.ImageFont.core.HAVE_RAQM", False):
        yield


def _file(module: str, name: str) -> Path:
    return Path(module).parent / "known" / f"{name}.json"
