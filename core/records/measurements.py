"""What checks find: a measurement is a value with unit, direction, version, place and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.records.models import Box
from core.records.renders import Arm


class MeasurementStatus(StrEnum):
    """Whether a value may be believed."""

    MEASURED = "measured"
    AMBIGUOUS = "ambiguous"
    """The reader cannot tell, for it confuses these glyphs on perfect drawings too or does not know them:
    shown with its reason, neither right nor wrong; a gate takes it for the loss that it may hide."""
    NOT_APPLICABLE = "not_applicable"
    """The case expects nothing of this kind."""
    ERROR = "error"
    """The check could not run; the reason says what to do. Never a number, never a pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place in the image that a finding points at."""

    box: Box
    label: str
    arm: Arm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of one check on one pair (or on one arm of it)."""

    pair_id: str
    check: str
    metric: str
    arm: Arm | None = None
    """None when the value compares the two arms."""
    subject: str = ""
    """What inside the image was measured, such as the expected string; empty for the whole image."""
    status: MeasurementStatus
    value: float | None = None
    unit: str
    higher_is_better: bool | None
    """None for a value that has no better direction."""
    reason: str
    regions: tuple[Region, ...] = ()
    version: str
    """Version of the check and of what it stands on, such as ``1+rapidocr 3.10.0``."""
    raw: Mapping[str, object] = field(default_factory=dict, metadata={"json": "evidence"})
    """Raw material of the finding, such as the text the reader saw."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """How well a check told known positives from known negatives on this machine."""

    check: str
    version: str
    hit_rate: float | None
    false_alarm_rate: float | None
    trusted: bool
    """False: below its promise, so no gate may use the check."""
    reason: str
    score: Mapping[str, object] = field(default_factory=dict, metadata={"json": "evidence"})
    """What was told apart and what was not, with whatever else was seen on the way, such as an alphabet."""
    created_at: datetime
