"""Folders of TOML files that people edit: a broken file is left out with its reason and costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from core.errors import InvalidFile, SidegradeError
from core.untrusted import mended

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder(Generic[T]):
    """What the TOML files of a folder hold; iterates over what was found."""

    found: dict[str, T]
    """By the name of the file without its suffix, sorted."""
    broken: dict[str, InvalidFile]
    """Why a file is left out; the remedy names the file."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.found.values())


def read_folder(folder: Path, load: Callable[[Path], T]) -> Folder[T]:
    """Every ``*.toml`` of a folder as ``load`` reads it."""
    found, broken = {}, {}
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.stem] = load(path)
        except InvalidFile as error:
            remedy = f"mend {mended(str(path))}, or move it out of the folder"
            broken[mended(path.stem)] = InvalidFile(str(error), remedy=remedy)
    return Folder(found=found, broken=broken)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Whatever reading this file raises arrives as an ``InvalidFile`` that names it."""
    name = mended(path.name)
    try:
        if name != path.name:
            raise InvalidFile(f"{name}: expected a file name in UTF-8")
        yield
    except InvalidFile:
        raise
    except SidegradeError as error:
        raise InvalidFile(f"{name}: {error}", remedy=error.remedy) from error
    except Exception as error:
        raise InvalidFile(f"{name}: cannot be used ({type(error).__name__}: {error})") from error
