"""What a policy may ask of each rule: every setting, the numbers it takes, and those it has by itself."""

from __future__ import annotations

import math
from typing import Any, Final

import pytest

from core.config.toml_tables import Table
from core.errors import InvalidFile
from core.gates import GATES

LEVEL: Final = (0.5, 0.999)
MARGIN: Final = (0.001, 0.5)
TOLERANCE: Final = (0.0, 10.0)
LIMITS: Final[dict[str, dict[str, tuple[float, float]]]] = {
    "shows": {"most": (0, math.inf)},
    "contract": {"most": (0, math.inf)},
    "delivery": {"most": (0, math.inf)},
    "alpha": {"margin": MARGIN, "level": LEVEL},
    "typography": {
        "margin": MARGIN,
        "level": LEVEL,
        "max_letter_height_px": (1, 10_000),
        "most_unreadable": (0.0, 0.5),
    },
    "perceptual": {"most": (0.0, 10.0), "share": LEVEL, "level": LEVEL},
    "latency": {"tolerance": TOLERANCE, "level": LEVEL},
    "tail": {
        "tolerance": TOLERANCE,
        "level": LEVEL,
        "percentile": LEVEL,
        "fewest_prompts": (5, math.inf),
    },
    "cost": {"tolerance": TOLERANCE, "level": LEVEL},
    "preference": {
        "alpha_sequential": (0.001, 0.2),
        "alpha_final": (0.001, 0.2),
        "alpha_reject": (0.001, 0.5),
    },
    "panel": {"fewest_reviewers": (1, math.inf), "alpha_veto": MARGIN, "alpha_side_bias": (0.0001, 0.2)},
    "quality": {"most": (0.0, 1.0), "level": LEVEL},
    "slices": {"alpha": (0.001, 0.2)},
    "canary": {
        "alpha": (0.001, 0.2),
        "harm_gates": (1, math.inf),
        "planned_requests": (1, math.inf),
        "most_ratio": (1.0, 100.0),
        "confidence": LEVEL,
    },
}
"""The least and the greatest number of each setting."""
WHOLE: Final = {"fewest_prompts", "fewest_reviewers", "harm_gates", "planned_requests"}
"""Settings that are counted; so is ``most`` where pictures are."""
WORDS: Final[dict[str, dict[str, Any]]] = {
    "perceptual": {"metric": "lpips"},
    "latency": {"metric": "latency_ms"},
    "tail": {"metric": "latency_ms"},
    "slices": {"tags": ["small"]},
}
"""Settings that are no numbers."""
BY_ITSELF: Final[dict[str, dict[str, Any]]] = {
    "shows": {"most": 0},
    "contract": {"most": 0},
    "delivery": {"most": 0},
    "typography": {"max_letter_height_px": None, "most_unreadable": 0.2},
    "canary": {"harm_gates": 1},
}
"""What a setting is where a policy leaves it out; every other has to be there."""
SETTINGS: Final = [(rule, key) for rule, limits in LIMITS.items() for key in limits]


def is_whole(rule: str, key: str) -> bool:
    """Whether a setting is a whole number."""
    return key in WHOLE or (rule in ("shows", "contract", "delivery") and key == "most")


def lowest(rule: str) -> dict[str, Any]:
    """The settings of a rule, every number as low as it may be."""
    numbers = {key: int(low) if is_whole(rule, key) else low for key, (low, _) in LIMITS[rule].items()}
    return {**WORDS.get(rule, {}), **numbers}


def read(rule: str, **settings: Any) -> Any:
    """The settings as the rule reads them; no key may be left over."""
    table = Table(settings, source="policy.toml")
    found = GATES[rule].read(table)
    table.finish()
    return found


def test_every_rule_is_listed_with_all_its_settings() -> None:
    assert LIMITS.keys() == GATES.keys()
    for rule in GATES:
        found = read(rule, **lowest(rule))
        names = {name for kind in type(found).__mro__ for name in getattr(kind, "__slots__", ())}
        assert names - {"metric", "tags"} == LIMITS[rule].keys(), rule


@pytest.mark.parametrize(("rule", "key"), SETTINGS)
def test_a_setting_takes_its_limits_and_nothing_beyond(rule: str, key: str) -> None:
    for limit, beyond in zip(LIMITS[rule][key], (-1, 1), strict=True):
        if math.isinf(limit):
            continue
        found = read(rule, **(lowest(rule) | {key: int(limit) if is_whole(rule, key) else limit}))
        assert getattr(found, key) == limit
        step = beyond if is_whole(rule, key) else beyond * 1e-6
        with pytest.raises(InvalidFile, match=key):
            read(rule, **(lowest(rule) | {key: limit + step}))


@pytest.mark.parametrize(("rule", "key"), SETTINGS)
def test_a_setting_that_is_left_out_is_asked_for_or_what_it_is_by_itself(rule: str, key: str) -> None:
    settings = lowest(rule)
    del settings[key]
    if key in BY_ITSELF.get(rule, {}):
        assert getattr(read(rule, **settings), key) == BY_ITSELF[rule][key]
    else:
        with pytest.raises(InvalidFile, match=key):
            read(rule, **settings)


@pytest.mark.parametrize("rule", sorted(WORDS))
def test_a_word_that_a_rule_does_not_know_is_refused_and_none_is_taken_by_itself(rule: str) -> None:
    (key,) = WORDS[rule]
    for words in ({key: "nothing of the kind"}, {}):
        settings = {name: value for name, value in lowest(rule).items() if name != key}
        with pytest.raises(InvalidFile, match=key):
            read(rule, **settings, **words)


def test_cost_is_a_ratio_of_accelerator_seconds() -> None:
    assert read("cost", **lowest("cost")).metric == "gpu_seconds"


def test_a_letter_height_is_a_whole_number_of_pixels_or_none() -> None:
    heights = [read("typography", **(lowest("typography") | {"max_letter_height_px": h})) for h in (16, 16.5)]
    assert [found.max_letter_height_px for found in heights] == [16, 16]


def test_only_the_guardrail_can_never_succeed() -> None:
    assert [name for name, rule in GATES.items() if rule.only_guards] == ["slices"]


def test_every_rule_has_a_title_and_names_the_checks_it_asks_for() -> None:
    assert {name: (rule.title, *rule.checks) for name, rule in GATES.items()} == {
        "shows": ("Picture content", "blank"),
        "contract": ("Contract", "contract"),
        "delivery": ("Delivery",),
        "alpha": ("Transparency", "alpha", "blank"),
        "typography": ("Text", "typography", "blank"),
        "perceptual": ("Same pictures", "lpips", "stlpips"),
        "latency": ("Latency",),
        "tail": ("Slowest requests",),
        "cost": ("Cost",),
        "preference": ("Preference",),
        "panel": ("Panel",),
        "quality": ("Absolute quality",),
        "slices": ("Kinds of cases",),
        "canary": ("Live errors",),
    }
