"""The files of a model folder: which of them a pipeline reads, and how they are read here.

A model folder is made elsewhere and may hold anything: a link to a device that never ends, a pipe that never
answers, a gigabyte named ``config.json``. Only regular files are opened, and no more is read than is there.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import ModelUnavailable, UnsafeWeights

LOADED_SUFFIXES = (".json", ".safetensors", ".txt", ".model")
"""What a pipeline reads: configurations, weights, merges and sentencepiece models."""
PICKLE_SUFFIXES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
LARGEST_JSON = 64 * 2**20
"""The tokenizers of the largest language models take half of this."""
PIECE = 2**20

Facts = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last change of content and of the entry itself."""


def model_files(model: str, folder: Path) -> list[Path]:
    """The files that a pipeline reads from ``folder``, sorted by path; each of them is a regular file.

    Raises:
        ModelUnavailable: when ``model_index.json`` is missing, or something is no regular file.
        UnsafeWeights: when the folder holds a pickle or a script.
    """
    index = folder / "model_index.json"
    if not os.path.lexists(index):
        raise ModelUnavailable(
            f"{model}: expected a diffusers folder with model_index.json, found none in {folder}"
        )
    on_top, in_parts = sorted(folder.glob("*")), sorted(folder.glob("*/*"))
    for path in (*on_top, *in_parts):
        if _unsafe(path, folder):
            raise UnsafeWeights(
                f"{model}: expected safetensors only, found {path.relative_to(folder)}",
                remedy="a pickle or a script can run anything when it is loaded: convert the weights with "
                "`pipe.save_pretrained(folder, safe_serialization=True)`",
            )
    files = [index, *(path for path in in_parts if path.suffix in LOADED_SUFFIXES)]
    for file in files:
        _regular(file, f"{model}: {file.relative_to(folder)}")
    _refuse_what_is_no_file(model, folder, (*on_top, *in_parts, *folder.glob("*/*/*")))
    return files


def file_digest(path: Path, where: str) -> str:
    """SHA-256 of a file's content, never of a name: that of a link's target may say anything.

    Each file is read once a process, again when any of its facts changes; 16 GB take some ten seconds.

    Raises:
        ModelUnavailable: naming ``where``, when it is no regular file, or changes while it is read.
    """
    facts = _facts(_regular(path, where))
    return _hashed(path.resolve(), facts)


def read_json(path: Path, where: str) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        ModelUnavailable: naming ``where``, for anything else.
    """
    with open_regular(path, where, "a configuration") as file:
        data = file.read(LARGEST_JSON + 1)
    if len(data) > LARGEST_JSON:
        raise ModelUnavailable(f"{where}: expected at most {LARGEST_JSON / 2**20:.0f} MiB of JSON, got more")
    try:
        content = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ModelUnavailable(f"{where}: expected JSON ({error})") from error
    if not isinstance(content, dict):
        raise ModelUnavailable(f"{where}: expected a JSON object, got a {type(content).__name__}")
    return content


def open_regular(path: Path, where: str, what: str = "a file") -> BinaryIO:
    """The file, opened for reading; close it, or use it in a ``with`` statement.

    Raises:
        ModelUnavailable: when it is missing or no regular file; nothing was waited for.
    """
    _regular(path, where, what)
    # should a pipe have taken its place since, opening it must not wait for a writer
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        file = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise _unreadable(where, what, error) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ModelUnavailable(f"{where}: expected {what}, found no regular file")
    return file


def _regular(path: Path, where: str, what: str = "a file") -> os.stat_result:
    try:
        facts = path.stat()
    except FileNotFoundError as error:
        found = "a link to nothing" if path.is_symlink() else "no such file"
        raise ModelUnavailable(
            f"{where}: expected {what}, found {found}", remedy="copy or fetch the model again"
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(where, what, error) from error
    if not stat.S_ISREG(facts.st_mode):
        raise ModelUnavailable(
            f"{where}: expected {what}, found {_kind(facts.st_mode)}",
            remedy="only regular files are read: put the file itself there, or take the entry away",
        )
    return facts


def _unreadable(where: str, what: str, error: Exception) -> ModelUnavailable:
    reason = getattr(error, "strerror", None) or error
    return ModelUnavailable(f"{where}: expected {what}, it cannot be read ({reason})")


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((words for is_one, words in kinds if is_one(mode)), "a device")


def _refuse_what_is_no_file(model: str, folder: Path, entries: Iterable[Path]) -> None:
    """Loaders look into a folder by rules of their own: a pipe with any name could hold them up for ever."""
    for path in entries:
        inside = path.relative_to(folder)
        if path.is_file() or path.is_dir() or not path.exists() or inside.parts[0].startswith("."):
            continue  # a link to nothing that no pipeline reads is as good as absent
        _regular(path, f"{model}: {inside}")


def _unsafe(path: Path, folder: Path) -> bool:
    """Pickles and scripts; in a hub snapshot only those that would take the place of safetensors."""
    if folder.parent.name != "snapshots":
        return path.suffix in (*PICKLE_SUFFIXES, ".py")
    instead = path.suffix in PICKLE_SUFFIXES and not any(path.parent.glob("*.safetensors"))
    return path.parent != folder and (instead or path.suffix == ".py")


def _facts(stats: os.stat_result) -> Facts:
    return stats.st_dev, stats.st_ino, stats.st_size, stats.st_mtime_ns, stats.st_ctime_ns


@lru_cache(maxsize=4096)
def _hashed(path: Path, facts: Facts) -> str:
    digest, left = sha256(), facts[2]
    with open_regular(path, str(path)) as file:
        while left and (piece := file.read(min(left, PIECE))):
            digest.update(piece)
            left -= len(piece)
        if _facts(os.fstat(file.fileno())) != facts or left:
            raise ModelUnavailable(
                f"{path}: expected a file at rest, it changed while it was read",
                remedy="wait until it is copied, then try again",
            )
    return digest.hexdigest()
