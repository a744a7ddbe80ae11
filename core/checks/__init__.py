"""The automatic checks. Read :mod:`core.checks.table` first, then the file of the check you care about.

Checks measure, gates judge: nothing in this package knows a threshold of a policy. What could not be
measured is a measurement of status *error* with its remedy, never a number and never a pass.
"""

from core.checks.card import CheckCard, Finding, Metric, NotApplicable
from core.checks.pair import PairToExamine
from core.checks.picture import BACKGROUNDS, Picture
from core.checks.runner import card_version, examine
from core.checks.table import CHECKS

__all__ = [
    "BACKGROUNDS",
    "CHECKS",
    "CheckCard",
    "Finding",
    "Metric",
    "NotApplicable",
    "PairToExamine",
    "Picture",
    "card_version",
    "examine",
]
