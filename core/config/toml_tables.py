"""TOML files that people edit: every refusal names the file, the line and the key.

A :class:`Table` is read by asking for each value by key and type. A key that is not asked for is refused with
the nearest one that was, so a schema is nothing but the code that reads it.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar, overload

from core.config.toml_places import line_of
from core.digests import canonical_json
from core.errors import InvalidFile
from core.untrusted import MAX_DEPTH, Place, Unfit, dotted, examine, mended

T = TypeVar("T")

MAX_SHOWN = 300
"""Characters of a wrong value that a refusal repeats."""


def read_text(path: Path) -> str:
    """The text of a configuration file.

    Raises:
        InvalidFile: when it is missing, no regular file (reading a pipe would never end) or not UTF-8.
    """
    name = mended(str(path))
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no regular file" if path.exists() else "nothing"
            raise InvalidFile(f"{name}: expected a file, found {found}")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InvalidFile(f"{name}: expected a readable UTF-8 text file ({mended(str(error))})") from error


def read_toml(path: Path, *, any_text: bool = False) -> Table:
    """The file's top table; ``any_text`` leaves texts to who reads them.

    Raises:
        InvalidFile: when it is missing, not UTF-8 or not TOML.
    """
    return parse_toml(read_text(path), source=path.name, any_text=any_text)


def parse_toml(text: str, *, source: str, any_text: bool = False) -> Table:
    """The top table of a TOML text; ``source`` is what refusals call it.

    Raises:
        InvalidFile: when it is not TOML, or holds what no record can hold; the message has the line.
    """
    try:
        table = Table(tomllib.loads(text), text=text, source=source)
        examine(table.content, any_text=any_text)
    except Unfit as error:
        raise table.refuse_at(error.place, error.reason) from error
    except RecursionError as error:
        raise InvalidFile(f"{source}: expected at most {MAX_DEPTH} levels of nesting, got more") from error
    except ValueError as error:  # the parser's own, and those of the numbers and dates it makes
        raise InvalidFile(f"{source}: {error}") from error
    return table


class Table:
    """One table of a TOML file, read key by key; :meth:`finish` refuses keys that no reader asked for."""

    def __init__(
        self, content: Mapping[str, object], *, source: str, text: str = "", place: Place = ()
    ) -> None:
        self.content, self._text, self._source, self._place = content, text, source, place
        self._asked: set[str] = set()

    def refuse(self, key: str, message: str) -> InvalidFile:
        """The error to raise about ``key``: ``models.toml, line 7, models.x.dtype: <message>``."""
        return self.refuse_at(self._at(key), message)

    def refuse_at(self, place: Place, message: str) -> InvalidFile:
        """The error to raise about a place of the file, counted from its top."""
        named = mended(dotted(place)[:MAX_SHOWN])
        return InvalidFile(f"{self._where(place)}{named and f', {named}'}: {message}")

    def where(self, key: str) -> str:
        """File and line of a key, or of the table when it has no such key: ``models.toml, line 7``."""
        return self._where(self._at(key))

    def _where(self, place: Place) -> str:
        line = line_of(self._text, place)
        return f"{self._source}, line {line}" if line else self._source

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are there."""
        return tuple(self.content)

    def text(self, key: str, default: str | None = None, *, among: Iterable[str] | None = None) -> str:
        """A string; required when ``default`` is None; one of ``among`` when given."""
        value = self._value(key, str, "a text", default)
        if among is not None and value not in (known := sorted(among)):
            raise self.refuse(key, f"expected {_one_of(known)}, got {_shown(value)}{_nearest(value, known)}")
        return value

    def optional_text(self, key: str) -> str | None:
        """A string, or None when the key is absent."""
        self._asked.add(key)
        return self.text(key) if key in self.content else None

    def integer(
        self, key: str, default: int | None = None, *, minimum: int = 0, maximum: int = 2**63 - 1
    ) -> int:
        """A whole number within the bounds; required when ``default`` is None."""
        value = self._value(key, int, "a whole number", default)
        if not minimum <= value <= maximum:
            raise self.refuse(key, f"expected {minimum} to {maximum}, got {value}")
        return value

    def number(self, key: str, default: float | None = None, *, minimum: float, maximum: float) -> float:
        """A finite number within the bounds; required when ``default`` is None."""
        value = float(self._value(key, (int, float), "a number", default))
        if not minimum <= value <= maximum:  # also refuses NaN
            raise self.refuse(key, f"expected {minimum:g} to {maximum:g}, got {value:g}")
        return value

    def optional_number(self, key: str, *, minimum: float, maximum: float) -> float | None:
        """A finite number within the bounds, or None when the key is absent."""
        self._asked.add(key)
        return self.number(key, minimum=minimum, maximum=maximum) if key in self.content else None

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        return self._value(key, bool, "true or false", default)

    def optional_flag(self, key: str, default: bool | None = None) -> bool | None:
        """True, false, or ``default`` when the key is absent."""
        self._asked.add(key)
        return self.flag(key, False) if key in self.content else default

    def texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(self._listed(key, str, "a list of texts", default))

    def integers(self, key: str, *, length: int) -> tuple[int, ...]:
        """A list of ``length`` whole numbers, such as a box; empty when absent."""
        numbers: list[int] = self._listed(key, int, f"a list of {length} whole numbers", ())
        if numbers and len(numbers) != length:
            raise self.refuse(key, f"expected {length} whole numbers, got {len(numbers)}")
        return tuple(numbers)

    def integer_lists(self, key: str, *, length: int) -> tuple[tuple[int, ...], ...]:
        """A list of lists of ``length`` whole numbers, such as sizes; empty when absent."""
        rows: list[list[object]] = self._listed(key, list, f"a list of lists of {length} numbers", ())
        for row in rows:
            if len(row) != length or not all(type(item) is int for item in row):
                raise self.refuse(key, f"expected lists of {length} whole numbers, got {_shown(row)}")
        return tuple(tuple(int(str(item)) for item in row) for row in rows)

    def mapping(self, key: str) -> dict[str, object]:
        """A table with keys of its own choosing and values that a digest can hold; empty when absent."""
        value = self._value(key, dict, "a table", {})
        try:
            canonical_json(value)
        except (TypeError, ValueError) as error:
            raise self.refuse(
                key, f"expected texts, finite numbers, flags, lists and tables ({error})"
            ) from error
        return dict(value)

    def table(self, key: str) -> Table:
        """A nested table; required."""
        return self._nested(self._value(key, dict, "a table", None), (key,))

    def optional_table(self, key: str) -> Table:
        """A nested table; an empty one when absent."""
        return self._nested(self._value(key, dict, "a table", {}), (key,))

    def tables(self, key: str, *, short: str | None = None) -> list[Table]:
        """The tables of an array such as ``[[case]]``; empty when absent.

        With ``short``, a bare text stands for a table with that one key.
        """
        rows: list[object] = self._value(key, list, "a list", [])
        whole = [{short: row} if short and isinstance(row, str) else row for row in rows]
        nested = [self._nested(row, (key, place)) for place, row in enumerate(whole) if isinstance(row, dict)]
        if len(nested) < len(rows):
            raise self.refuse(key, f"expected a list of tables, got {_shown(rows)}")
        return nested

    def finish(self) -> None:
        """Refuse the first key that was never asked for.

        Raises:
            InvalidFile: naming the nearest key that exists.
        """
        for key in self.content:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.refuse(key, f"unknown key{_nearest(key, self._asked) or f'; known: {known}'}")

    def _at(self, key: str) -> Place:
        return (*self._place, key) if key else self._place

    def _nested(self, content: Mapping[str, object], place: Place) -> Table:
        return Table(content, text=self._text, source=self._source, place=(*self._place, *place))

    @overload
    def _value(self, key: str, kind: type[T], words: str, default: T | None) -> T: ...
    @overload
    def _value(self, key: str, kind: tuple[type[T], ...], words: str, default: T | None) -> T: ...
    def _value(self, key: str, kind: type[T] | tuple[type[T], ...], words: str, default: T | None) -> T:
        self._asked.add(key)
        if key not in self.content:
            if default is None:
                unknown = _nearest(key, set(self.content) - self._asked)
                raise self.refuse("", f"the key {key!r} is missing, expected {words}{unknown}")
            return default
        value = self.content[key]
        # bool is an int in Python, never in a TOML file
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.refuse(key, f"expected {words}, got {_shown(value)}")
        return value

    def _listed(self, key: str, kind: type[T], words: str, default: Iterable[T] | None) -> list[T]:
        rows: list[T] = self._value(key, list, words, None if default is None else list(default))
        if not all(isinstance(row, kind) for row in rows):
            raise self.refuse(key, f"expected {words}, got {_shown(rows)}")
        return rows


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _one_of(known: list[str]) -> str:
    return f"one of {', '.join(known)}" if len(known) <= 12 else f"one of {len(known)} known names"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""
