"""How the fields of a record become columns: one column per field, its type read from the annotation.

Numbers and booleans stay what they are, and so does text; what :func:`core.untrusted.readable` refuses is
refused here at last, on both databases alike, whichever way it came. Moments are ISO text in UTC, so that
they sort and can be read by eye; words (StrEnum) are their value; everything nested is canonical JSON that is
turned back into the very records it came from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import BigInteger, Boolean, Column, Double, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.digests import canonical_json
from core.errors import InvalidRequest, Unstorable
from core.untrusted import Unfit, mended, readable

R = TypeVar("R")


class Plain(TypeDecorator[str]):
    """Text that every database holds and gives back alike, and what such text is compared with."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text; a control character or half of a surrogate pair is refused."""
        try:
            return None if value is None else readable(value)
        except Unfit as error:
            raise InvalidRequest(f"a text that a database can hold: {error}") from error

    @property
    def python_type(self) -> type[str]:
        """``str``."""
        return str


class Reported(Plain):
    """Text that a model, a library or a machine gave: mended, for no result is lost to its wording."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text, with U+FFFD for what cannot be kept."""
        return None if value is None else mended(value)


class Moment(TypeDecorator[datetime]):
    """Aware time as ISO text in UTC with microseconds: the order of the text is the order of time."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Text of an aware time; a naive one is refused, for it names no moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise Unstorable(f"expected an aware time, got the naive {value.isoformat()}")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The aware time again."""
        return None if value is None else datetime.fromisoformat(value)


class Word(TypeDecorator[StrEnum]):
    """One word of a closed set, stored as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """The word; anything outside the closed set is refused."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """The member again."""
        return None if value is None else self.words(value)


class Number(TypeDecorator[float]):
    """A finite float: SQLite would silently turn NaN into NULL, which reads as *no value*."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """The number; NaN and infinities are refused."""
        if value is not None and not math.isfinite(value):
            raise Unstorable(f"expected a finite number, got {value}")
        return value


class Nested(TypeDecorator[Any]):
    """Records, tuples and mappings as canonical JSON, read back by their annotation."""

    impl = Text
    cache_ok = True

    def __init__(self, annotation: Any) -> None:
        super().__init__()
        self.annotation = annotation

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Canonical JSON; a value that has none (NaN, an object) is refused."""
        try:
            return None if value is None else canonical_json(value)
        except (TypeError, ValueError) as error:
            raise Unstorable(f"expected plain values, got what JSON cannot carry: {error}") from error

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The nested record, tuple or mapping again."""
        if value is None:
            return None
        empty = _EMPTY.get(value)
        return _reader(self.annotation)(json.loads(value)) if empty is None else empty()


_EMPTY: Mapping[str, Callable[[], Any]] = {"[]": tuple, "{}": dict}
"""Most regions and evidence are empty, and a run has tens of thousands of them: not worth parsing."""


_PLAIN: Mapping[Any, Callable[[], TypeEngine[Any]]] = {
    str: Plain,
    bool: Boolean,
    int: BigInteger,
    float: Number,
    datetime: Moment,
}


def columns(record: type, *, primary_key: str = "", reported: bool = False) -> list[Column[Any]]:
    """One column for each field of a record, in its order, named as the field.

    Args:
        reported: no person writes these texts, and all of them are kept, mended.
    """
    hints = get_type_hints(record)
    made = [_column(f.name, hints[f.name], f.name == primary_key) for f in fields(record)]
    for column in made:
        if reported and isinstance(column.type, Plain):
            column.type = Reported()
    return made


def _column(name: str, hint: Any, primary_key: bool) -> Column[Any]:
    annotation, nullable = _without_none(hint)
    return Column(name, _type(annotation), primary_key=primary_key, nullable=nullable)


def _type(annotation: Any) -> TypeEngine[Any]:
    if annotation in _PLAIN:
        return _PLAIN[annotation]()
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return Word(annotation)
    return Nested(annotation)


def _without_none(hint: Any) -> tuple[Any, bool]:
    """``X | None`` → (X, True); anything else → (itself, False)."""
    if get_origin(hint) is not UnionType:
        return hint, False
    (annotation,) = (part for part in get_args(hint) if part is not NoneType)
    return annotation, True


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """The function that turns parsed JSON into what the annotation names; built once per annotation."""
    annotation, nullable = _without_none(hint)
    if nullable:
        read = _reader(annotation)
        return lambda value: None if value is None else read(value)
    if is_dataclass(annotation):
        return _record_reader(annotation)
    if get_origin(annotation) is tuple:
        item = _reader(get_args(annotation)[0])
        return lambda values: tuple(item(value) for value in values)
    if isinstance(annotation, type) and issubclass(annotation, tuple):  # a NamedTuple such as Box
        return lambda values: annotation(*values)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return annotation
    return datetime.fromisoformat if annotation is datetime else lambda value: value


def _record_reader(record: Any) -> Callable[[Any], Any]:
    readers = {name: _reader(hint) for name, hint in get_type_hints(record).items()}
    return lambda value: record(**{name: readers[name](item) for name, item in value.items()})
