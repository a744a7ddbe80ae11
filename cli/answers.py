"""What a command gives back: one document for machines, one text for people."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from rich.console import Console, RenderableType
from rich.table import Table

from core.records import Failure

NO_FOLD = 10_000
"""Columns of a pipe: `grep` and `cut` must find a table's row on one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The result of one command."""

    document: object
    """Printed with ``--json``: records, mappings, lists and plain values."""
    text: RenderableType
    """Printed without it."""
    exit_code: int = 0


def print_answer(answer: Answer, *, as_json: bool, out: TextIO) -> None:
    """Write the answer to ``out``: exactly one JSON document, or text for people."""
    if as_json:
        print(json.dumps(to_json(answer.document), indent=2, ensure_ascii=False, allow_nan=False), file=out)
    else:
        print_text(answer.text, out)


def print_text(text: RenderableType, out: TextIO) -> None:
    """Write text for people: folded and coloured for a terminal, plain whole lines for a pipe."""
    if out.isatty():
        Console(file=out, highlight=False, markup=False).print(text)
        return
    page = Console(file=io.StringIO(), highlight=False, markup=False, width=NO_FOLD)
    with page.capture() as printed:
        page.print(text)
    for line in printed.get().splitlines():
        print(line.rstrip(), file=out)


def explained(failure: Failure) -> str:
    """A failure in one line: its type, what happened and what to do."""
    return f"{failure.error}: {failure.message}" + (f" → {failure.remedy}" if failure.remedy else "")


def to_json(value: object) -> object:
    """The value in JSON's own types; records become objects, and a NaN or infinity becomes ``null``.

    >>> to_json({"size": (256, 128), "lpips": float("nan")})
    {'size': [256, 128], 'lpips': None}

    Raises:
        TypeError: for a value that has no place in a document.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {_key(field): to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):
        return value
    raise TypeError(f"no place in a document for {type(value).__name__}: {value!r}")


def _key(field: Field[object]) -> str:
    """The key of a field in a document: a promise to other programs, which a renamed field keeps."""
    key: str = field.metadata.get("json", field.name)
    return key


def table(*columns: str) -> Table:
    """An empty table in the house style: no frame, cells that fold instead of being cut.

    The names of the columns stand above them, unless all are empty.
    """
    made = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
