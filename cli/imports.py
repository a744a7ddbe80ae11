"""``sidegrade import``: a team's own prompts become a suite, as a file that people edit and diff."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from cli.answers import Answer
from cli.call import Call, command
from core.config.suites import import_cases
from core.errors import InvalidFile, InvalidRequest
from core.records import Case, ExpectedText, Suite

commands = typer.Typer()


@command(commands, "import")
def import_prompts(
    call: Call,
    file: Annotated[Path, typer.Argument(help="A .csv with a header, or a .jsonl with one object a line.")],
    suite: Annotated[str, typer.Option(help="Name of the new suite.")],
    title: Annotated[str, typer.Option(help="Its title on screen.")] = "",
    width: Annotated[int, typer.Option(help="Width of prompts that name none.")] = 1024,
    height: Annotated[int, typer.Option(help="Height of prompts that name none.")] = 1024,
) -> Answer:
    """Make a suite of your own prompts, from a CSV or JSONL file; up to 10,000 at a time.

    Known columns: prompt, name, negative_prompt, width, height, tags, expected_text, expects_alpha, critical.
    Nothing is imported when one line is wrong. An existing suite is never overwritten.
    """
    cases = import_cases(
        read(file), file.suffix.removeprefix("."), name=suite, title=title, width=width, height=height
    )
    path = call.settings.suites_folder / f"{suite}.toml"
    with call.store() as store, new_file(path, suite_toml(cases)):
        store.suites.save(cases, store.now())
    return Answer(
        document={"suite": suite, "cases": len(cases.cases), "digest": cases.digest, "file": path},
        text=f"{len(cases.cases)} cases are in {path}",
    )


def suite_toml(suite: Suite) -> str:
    """The suite as its file: what :func:`core.config.suites.load_suite` reads back unchanged."""
    head = [f"{key} = {_quoted(getattr(suite, key))}" for key in ("name", "title", "description")]
    return "\n\n".join(["\n".join(head), *("\n".join(_case_lines(case)) for case in suite.cases)]) + "\n"


def read(file: Path) -> str:
    """The text of a file.

    Raises:
        InvalidFile: when it is missing or not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InvalidFile(f"{file}: expected a readable UTF-8 text file ({error})") from error


@contextmanager
def new_file(path: Path, text: str) -> Iterator[None]:
    """A file that does not exist yet: whole on the disk before the block, under its name when that is done.

    When the text cannot be written, or the block raises, nothing is left of it.

    Raises:
        InvalidRequest: when the file exists, or cannot be written there.
    """
    draft = path.with_name(f"{path.name}.{uuid4().hex}.part")  # no suite file yet, by its name
    try:
        with _written(path), draft.open("xb") as file:
            if os.path.lexists(path):
                raise FileExistsError
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        yield
        with _written(path):
            _give_name(draft, path)
    finally:
        with suppress(OSError):  # none was made
            draft.unlink()


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """What the disk refuses, said of the file that was to be made."""
    try:
        yield
    except FileExistsError as error:
        raise InvalidRequest(f"{path} exists", remedy="choose another name, or edit that file") from error
    except OSError as error:
        raise InvalidRequest(f"{path}: expected a file that can be written ({error.strerror})") from error


def _give_name(draft: Path, path: Path) -> None:
    """Unlike a rename, a link never takes the place of a file that another process made in the meantime."""
    try:
        os.link(draft, path)
    except PermissionError:  # a file system without links, such as exFAT
        if os.path.lexists(path):
            raise FileExistsError from None
        draft.rename(path)


def _case_lines(case: Case) -> Iterator[str]:
    yield "[[case]]"
    yield f"name = {_quoted(case.name)}"
    yield f"prompt = {_quoted(case.prompt)}"
    if case.negative_prompt:
        yield f"negative_prompt = {_quoted(case.negative_prompt)}"
    yield f"width = {case.width}"
    yield f"height = {case.height}"
    if case.tags:
        yield f"tags = [{', '.join(map(_quoted, case.tags))}]"
    yield f"expected_text = [{', '.join(map(_expected, case.expected_text))}]"
    if case.expects_alpha is not None:
        yield f"expects_alpha = {str(case.expects_alpha).lower()}"
    if case.critical:
        yield "critical = true"


def _expected(line: ExpectedText) -> str:
    parts = [f"text = {_quoted(line.text)}"]
    if line.letter_height_px is not None:
        parts.append(f"letter_height_px = {line.letter_height_px}")
    if line.box is not None:
        parts.append(f"box = {list(line.box)}")
    return f"{{ {', '.join(parts)} }}"


def _quoted(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which only TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
