"""What records say by default, and the words of every enumeration; see :mod:`tests.core.known`.

python -m tests.core.records.known_values
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from typing import Any

import core.records as records
from tests.core.known import write

NAMES = sorted(name for name in dir(records) if isinstance(getattr(records, name), type))


def defaults() -> dict[str, dict[str, str]]:
    """Every setting of a record that has a default: stored rows, files and digests rest on it."""
    found = {name: _defaults(getattr(records, name)) for name in NAMES}
    return {name: values for name, values in found.items() if values}


def _defaults(kind: Any) -> dict[str, str]:
    if not is_dataclass(kind):
        return {}
    return {one.name: _default(one) for one in fields(kind) if _default(one) != "needed"}


def _default(one: Field[Any]) -> str:
    if one.default is not MISSING:
        return str(one.default) if isinstance(one.default, StrEnum) else repr(one.default)
    return "needed" if one.default_factory is MISSING else repr(one.default_factory())


def enumerations() -> dict[str, dict[str, str]]:
    """Every member by its name: its word, and what holds for it."""
    kinds = [getattr(records, name) for name in NAMES]
    return {
        kind.__name__: {member.name: _member(member) for member in kind}
        for kind in kinds
        if issubclass(kind, StrEnum)
    }


def _member(member: StrEnum) -> str:
    own = vars(type(member))
    rules = [name for name, one in own.items() if isinstance(one, property)]
    rules += [name for name in own.get("__annotations__", {}) if hasattr(member, name)]
    said = ", ".join(f"{name} {getattr(member, name)}" for name in sorted(rules))
    return f"{member.value}{said and f': {said}'}"


KNOWN = {"defaults": defaults, "enumerations": enumerations}

if __name__ == "__main__":
    write(__file__, KNOWN)
