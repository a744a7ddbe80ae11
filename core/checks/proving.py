"""Which checks have not proved themselves as they are installed now."""

from __future__ import annotations

from collections.abc import Mapping

from core.checks.examination import card_version
from core.checks.table import CHECKS
from core.records import SelfTest


def unproved(latest: Mapping[str, SelfTest]) -> list[str]:
    """Checks whose latest self-test is missing, could not run, or was made by other versions.

    Optional checks are left out: no gate waits for them.
    """
    return [name for name, card in CHECKS.items() if not card.optional and not _stands(latest.get(name))]


def _stands(test: SelfTest | None) -> bool:
    if test is None or test.false_alarm_rate is None:
        return False
    # what follows in the version are weights, which are known only once the check runs
    return test.version.startswith(card_version(CHECKS[test.check]))


def needs_attention(test: SelfTest) -> bool:
    """Whether somebody should look into a self-test: it failed, and not for lack of an optional program."""
    absent = CHECKS[test.check].optional and test.false_alarm_rate is None
    return not test.trusted and not absent
