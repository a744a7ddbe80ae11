"""A scheduler's settings as recipes carry them: JSON has no infinity, and some schedulers are set to one."""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.errors import ModelUnavailable

WORDS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def carried(settings: Mapping[str, object], model: str) -> dict[str, object]:
    """The settings in JSON's own types, the same before and after they were stored.

    >>> carried({"lambda_min_clipped": float("-inf"), "solver_order": 2}, "mine")
    {'lambda_min_clipped': '-inf', 'solver_order': 2}

    Raises:
        ModelUnavailable: naming the setting that no recipe can carry.
    """
    try:
        return {str(key): _carried(value) for key, value in settings.items()}
    except TypeError as error:
        raise ModelUnavailable(
            f"{model}: scheduler: {error}", remedy="correct `scheduler_config` in models.toml"
        ) from error


def followed(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings of a recipe as a scheduler takes them.

    >>> followed({"lambda_min_clipped": "-inf", "solver_order": 2})
    {'lambda_min_clipped': -inf, 'solver_order': 2}
    """
    return {key: _followed(value) for key, value in settings.items()}


def _carried(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return repr(float(value))
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [_carried(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _carried(item) for key, item in value.items()}
    raise TypeError(
        f"expected settings of numbers, words and lists, got {type(value).__name__} {value!r}"[:300]
    )


def _followed(value: object) -> object:
    if isinstance(value, str):
        return WORDS.get(value, value)
    if isinstance(value, list):
        return [_followed(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _followed(item) for key, item in value.items()}
    return value
