"""Files for other programs are whole or not there: a full disk leaves what stood there before."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from cli.outputs import write_output
from core.errors import InvalidRequest

BEFORE, AFTER = b"<testsuites/>", b"<testsuites>" + b"x" * 100_000 + b"</testsuites>"


def test_a_disk_that_is_full_leaves_the_file_of_before_and_no_part_of_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gates.xml"
    path.write_bytes(BEFORE)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InvalidRequest, match="No space left on device"):
        write_output(path, AFTER)
    assert path.read_bytes() == BEFORE
    assert [one.name for one in tmp_path.iterdir()] == ["gates.xml"]


def test_a_reader_meets_the_file_of_before_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, met = tmp_path / "deep" / "gates.xml", []
    write_output(path, BEFORE)
    monkeypatch.setattr(os, "fsync", lambda _: met.append(path.read_bytes()))
    write_output(path, AFTER)
    assert (met, path.read_bytes()) == ([BEFORE], AFTER)


def test_a_link_goes_on_pointing_to_the_file_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "real.xml").write_bytes(BEFORE)
    (tmp_path / "link.xml").symlink_to("real.xml")
    write_output(tmp_path / "link.xml", AFTER)
    assert (tmp_path / "link.xml").is_symlink()
    assert (tmp_path / "real.xml").read_bytes() == AFTER


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_output(pipe, BEFORE)
    reader.join(timeout=10)
    assert (read, pipe.is_fifo()) == ([BEFORE], True)


def test_a_place_that_cannot_be_written_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(BEFORE)
    with pytest.raises(InvalidRequest, match=r"gates\.xml: expected a file that can be written"):
        write_output(tmp_path / "file" / "gates.xml", AFTER)
