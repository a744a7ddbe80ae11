"""What a self-test is valid for: the check, packages and weights in the versions that were tested."""

from __future__ import annotations

from collections.abc import Mapping

from core.checks.runner import card_version
from core.checks.table import CHECKS
from core.records import SelfTest


def missing_self_tests(latest: Mapping[str, SelfTest]) -> list[str]:
    """Checks whose latest self-test is missing, could not run, or was made by other versions.

    Optional checks are left out: no gate waits for them.
    """
    return [name for name, card in CHECKS.items() if not card.optional and not _stands(latest.get(name))]


def speaks_for(test: SelfTest, version: str, *, weights_known: bool = True) -> bool:
    """Whether a self-test was made with everything that ``version`` names: check, packages, weights.

    Args:
        version: as in :attr:`core.records.Measurement.version`, such as ``1 + lpips 0.1.4 + alex 0d4e4308``.
        weights_known: False for the version of something that has not run, or gave no value: the weights,
            which follow at the end, are known only then.
    """
    if weights_known or test.version == version:
        return test.version == version
    asked = version.split(" + ")
    return test.version.split(" + ")[: len(asked)] == asked


def needs_attention(test: SelfTest) -> bool:
    """Whether a self-test asks for a look: it failed, and not for lack of an optional program."""
    absent = CHECKS[test.check].optional and test.false_alarm_rate is None
    return not test.trusted and not absent


def _stands(test: SelfTest | None) -> bool:
    if test is None or test.false_alarm_rate is None:
        return False
    return speaks_for(test, card_version(CHECKS[test.check]), weights_known=False)
