"""Suites: the cases both arms have to draw, as files people edit, and imports of a team's own prompts.

A suite file, ``suites/<name>.toml``::

    name = "starter"                    # the same as the file
    title = "Starter"
    description = "…"

    [defaults]                          # any key of a case but name, prompt and expected_text
    width = 256
    height = 128
    tags = ["poster"]                   # added to each case's own

    [[case]]
    name = "sale-now-large"
    prompt = 'poster, exact text: "SALE NOW", white on teal'
    expects_alpha = false               # true: transparent ground, false: opaque, absent: not examined
    critical = false
    expected_text = [                   # absent: read out of the prompt's `exact text: "…"`
        { text = "SALE NOW", letter_height_px = 24, box = [32, 40, 192, 48] },
    ]                                   # or plain texts: ["SALE NOW"]

A CSV import has a header with ``prompt`` and any of ``name``, ``negative_prompt``, ``width``, ``height``,
``tags`` and ``expected_text`` (several separated by ``|``), ``expects_alpha``, ``critical``; a JSONL import
has one object of the same keys a line, with lists as lists.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from core.config.toml_folders import Folder, read_folder, refusing
from core.config.toml_tables import Table, read_toml
from core.errors import InvalidFile, InvalidPrompt, InvalidRequest, UnknownName
from core.recipes.prompts import expected_strings, normalise_prompt, tags_of
from core.recipes.recipe import MAX_SIDE, MIN_SIDE
from core.records import Box, Case, ExpectedText, Suite
from core.untrusted import Unfit, examine, mended, read_json

MAX_CASES = 10_000
"""Larger suites are several suites."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
SIDE = re.compile(r"\s*[0-9]{1,9}\s*")
"""A width or height as a CSV holds it; anything else stays a text and is refused as one."""


def list_suites(folder: Path) -> Folder[Suite]:
    """Every suite file of the folder, by name; a broken one is left out and says why."""
    return read_folder(folder, load_suite)


def find_suite(name: str, folder: Path) -> Suite:
    """The suite of this name in the folder.

    Raises:
        UnknownName: with the nearest names.
        InvalidFile: when the file is broken.
    """
    known = [path.stem for path in folder.glob("*.toml")]
    if name not in known:
        raise UnknownName.of("suite", name, known)
    return load_suite(folder / f"{name}.toml")


def load_suite(path: Path) -> Suite:
    """The suite in a TOML file.

    Raises:
        InvalidFile: naming file, line and key.
    """
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:
        raise InvalidFile(f"{mended(str(path))}: expected a file, found nothing") from error
    with refusing(path):
        return _load(path, facts.st_size, facts.st_mtime_ns)


def import_cases(
    text: str, kind: str, *, name: str, width: int = 1024, height: int = 1024, title: str = ""
) -> Suite:
    """A suite from a team's own prompts, ``kind`` csv or jsonl; the size is for rows that name none.

    Raises:
        InvalidFile: naming line and key; nothing is imported when one line is wrong.
        UnknownName: for another kind.
    """
    if not NAME.fullmatch(name):
        raise InvalidRequest(f"suite name: expected a–z, 0–9, '.', '_' and '-', got {name!r}")
    readers = {"csv": _csv_tables, "jsonl": _jsonl_tables}
    if kind not in readers:
        raise UnknownName.of("import format", kind, readers)
    template = Case(name="", prompt="", width=width, height=height)
    return Suite(name=name, title=title or name, cases=_cases(kind, readers[kind](text), template))


@lru_cache(maxsize=64)
def _load(path: Path, _size: int, _mtime_ns: int) -> Suite:
    """Parsed once for each state of the file: pages list the suites again and again."""
    file = read_toml(path)
    name = file.text("name")
    if name != path.stem or not NAME.fullmatch(name):
        raise file.refuse("name", f"expected {path.stem!r}, the name of the file, got {name!r}")
    title, description = file.text("title", name), file.text("description", "")
    template = _template(file.optional_table("defaults"))
    tables = file.tables("case")
    file.finish()
    return Suite(name=name, title=title, description=description, cases=_cases(path.name, tables, template))


def _cases(source: str, tables: Iterable[Table], template: Case) -> tuple[Case, ...]:
    """The cases of all tables; names are unique."""
    found: dict[str, tuple[Case, Table]] = {}
    for number, table in enumerate(tables, start=1):
        case = _case(table, template, number)
        if case.name in found:
            taken = found[case.name][1].where("name")
            raise table.refuse("name", f"{case.name!r} is taken by {taken}")
        found[case.name] = (case, table)
    if not 1 <= len(found) <= MAX_CASES:
        raise InvalidFile(f"{source}: expected 1 to {MAX_CASES:,} cases, got {len(found):,}")
    return tuple(case for case, _ in found.values())


def _case(table: Table, template: Case, number: int) -> Case:
    name = table.text("name", f"case-{number:04d}")
    if not NAME.fullmatch(name):
        raise table.refuse("name", f"expected a–z, 0–9, '.', '_' and '-', got {name!r}")
    try:
        prompt = normalise_prompt(table.text("prompt"))
        negative = normalise_prompt(table.text("negative_prompt", template.negative_prompt), allow_empty=True)
        lines = _expected_text(table) or expected_strings(prompt)
    except InvalidPrompt as error:
        raise table.refuse("prompt", str(error)) from error
    case = Case(
        name=name,
        prompt=prompt,
        negative_prompt=negative,
        width=_side(table, "width", template.width),
        height=_side(table, "height", template.height),
        tags=tuple(dict.fromkeys((*tags_of(prompt), *template.tags, *table.texts("tags")))),
        expected_text=lines,
        expects_alpha=table.optional_flag("expects_alpha", template.expects_alpha),
        critical=table.flag("critical", template.critical),
    )
    table.finish()
    return case


def _template(table: Table) -> Case:
    """What ``[defaults]`` says for all cases."""
    template = Case(
        name="",
        prompt="",
        negative_prompt=table.text("negative_prompt", ""),
        width=_side(table, "width", 1024),
        height=_side(table, "height", 1024),
        tags=table.texts("tags"),
        expects_alpha=table.optional_flag("expects_alpha"),
        critical=table.flag("critical", False),
    )
    table.finish()
    return template


def _side(table: Table, key: str, default: int) -> int:
    return table.integer(key, default, minimum=MIN_SIDE, maximum=MAX_SIDE)


def _expected_text(table: Table) -> tuple[ExpectedText, ...]:
    return tuple(_line(line) for line in table.tables("expected_text", short="text"))


def _line(table: Table) -> ExpectedText:
    text = normalise_prompt(table.text("text"))
    height = table.optional_number("letter_height_px", minimum=1, maximum=4096)
    box = table.integers("box", length=4)
    table.finish()
    return ExpectedText(
        text=text,
        letter_height_px=None if height is None else round(height),
        box=Box(*box) if box else None,
    )


def _jsonl_tables(text: str) -> Iterator[Table]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = read_json(line)
        except Unfit as error:
            raise _unfit(number, error) from error
        except ValueError as error:
            raise InvalidFile(f"line {number}: expected a JSON object ({error})") from error
        if not isinstance(row, dict):
            raise InvalidFile(f"line {number}: expected a JSON object, got {line[:40]!r}")
        yield Table({key: value for key, value in row.items() if value is not None}, source=f"line {number}")


def _unfit(line: int, error: Unfit) -> InvalidFile:
    return InvalidFile(f"line {line}{',' if error.place else ':'} {error}")


def _csv_tables(text: str) -> Iterator[Table]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        for row in reader:
            filled = {key: value for key, value in row.items() if value not in (None, "")}
            typed = _typed(filled, reader.line_num)
            examine(typed)
            yield Table(typed, source=f"line {reader.line_num}")
    except Unfit as error:
        raise _unfit(reader.line_num, error) from error
    except csv.Error as error:
        raise InvalidFile(f"line {reader.line_num}: expected CSV ({error})") from error


def _typed(row: dict[str, str], line: int) -> dict[str, object]:
    """A row of texts as the values that its keys stand for."""
    if None in row:
        raise InvalidFile(f"line {line}: expected as many fields as the header has, got more")
    typed: dict[str, object] = dict(row)
    for key in ("width", "height"):
        if SIDE.fullmatch(row.get(key, "")):
            typed[key] = int(row[key])
    for key in ("expects_alpha", "critical"):
        typed |= {key: FLAGS.get(row[key].strip().lower(), row[key])} if key in row else {}
    if "tags" in row:
        typed["tags"] = [tag.strip() for tag in row["tags"].split("|") if tag.strip()]
    if "expected_text" in row:
        typed["expected_text"] = [line.strip() for line in row["expected_text"].split("|")]
    return typed


FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
