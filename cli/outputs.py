"""Files that a command writes for other programs: whole or not at all, whatever stood there before."""

from __future__ import annotations

from pathlib import Path

from core.errors import InvalidRequest


def write_output(path: Path, content: bytes) -> None:
    """Write a file beside its place, then give it its name; what is no file, such as a pipe, is written to.

    Raises:
        InvalidRequest: when it cannot be written there; what stood there before is as it was.
    """
    from db.blob_files import write_whole  # `--help` need not load the database

    try:
        target = path.resolve()  # a link goes on pointing to what is written
        if target.exists() and not target.is_file():
            target.write_bytes(content)
        else:
            write_whole(target, content)
    except OSError as error:
        raise InvalidRequest(f"{path}: expected a file that can be written ({error.strerror})") from error
