"""The gates: a policy over evidence gives an analysis. Read :mod:`core.gates.table` first.

Gates judge what was measured and what people said; they measure nothing themselves. A rule is one function
from settings and a :class:`~core.gates.scope.Scope` to a :class:`~core.gates.judgement.Judgement`.
"""

from core.gates.evaluation import combined, evaluate, planned_test, preference_growth
from core.gates.preference import Growth
from core.gates.table import GATES, Rule

__all__ = ["GATES", "Growth", "Rule", "combined", "evaluate", "planned_test", "preference_growth"]
