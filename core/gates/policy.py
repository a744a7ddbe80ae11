"""A policy as a frozen record: its gates with their settings, and the text that they were read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.digests import content_digest
from core.records import Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate of a policy."""

    name: str
    rule: str
    """A name in ``core.gates.GATES``."""
    title: str
    requirement: Requirement
    settings: Any
    """What the rule's ``read`` made of the gate's other keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A versioned set of gates."""

    name: str
    title: str
    description: str
    max_age_days: int
    """Renders and measurements older than this are stale."""
    max_missing_share: float
    """Share of cases that may lack a value before a gate is inconclusive."""
    gates: tuple[Gate, ...]
    checks: frozenset[str]
    """The checks whose measurements any of its gates asks for."""
    text: str
    """The file as it was read, with ``\\n`` line ends."""

    @property
    def digest(self) -> str:
        """The version: a changed threshold, title or comment is another version."""
        return content_digest("policy", [self.name, self.text])
