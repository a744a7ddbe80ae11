"""Every noun of the product as a frozen record, in the order of the flow. Read this package first.

``models`` → ``cases`` → ``renders`` → ``runs`` → ``measurements`` → ``reviews`` → ``decisions``. Records
carry values, never sessions, connections or behaviour beyond their own identity; :mod:`db` stores them as
they are.
"""

from core.records.cases import (
    Case,
    ExpectedText,
    Suite,
)
from core.records.decisions import (
    Analysis,
    GateOutcome,
    GateResult,
    Interval,
    Requirement,
    RolloutAction,
    RolloutEvent,
    RolloutState,
    Waiver,
)
from core.records.evidence import CanaryCounts, Evidence
from core.records.measurements import (
    Measurement,
    MeasurementStatus,
    Region,
    SelfTest,
)
from core.records.models import (
    Box,
    Contract,
    Mode,
    ModelSpec,
    Size,
)
from core.records.queue import (
    Handout,
    QueueCounts,
    QueueItem,
    QueueView,
    ReviewFilter,
    Shown,
)
from core.records.renders import (
    Arm,
    Failure,
    Recipe,
    Render,
    RenderStatus,
    ReplayOutcome,
    ReplayReport,
)
from core.records.reviews import (
    GoldenEntry,
    GoldenVersion,
    Look,
    Outcome,
    Pin,
    Purpose,
    Reason,
    Side,
    TriageEvent,
    TriageLabel,
    VerdictAction,
    VerdictEvent,
)
from core.records.runs import (
    Job,
    JobKind,
    JobState,
    Pair,
    ReviewPlan,
    Run,
    RunKind,
    RunProgress,
    WorkerStatus,
)

__all__ = [
    "Analysis",
    "Arm",
    "Box",
    "CanaryCounts",
    "Case",
    "Contract",
    "Evidence",
    "ExpectedText",
    "Failure",
    "GateOutcome",
    "GateResult",
    "GoldenEntry",
    "GoldenVersion",
    "Handout",
    "Interval",
    "Job",
    "JobKind",
    "JobState",
    "Look",
    "Measurement",
    "MeasurementStatus",
    "Mode",
    "ModelSpec",
    "Outcome",
    "Pair",
    "Pin",
    "Purpose",
    "QueueCounts",
    "QueueItem",
    "QueueView",
    "Reason",
    "Recipe",
    "Region",
    "Render",
    "RenderStatus",
    "ReplayOutcome",
    "ReplayReport",
    "Requirement",
    "ReviewFilter",
    "ReviewPlan",
    "RolloutAction",
    "RolloutEvent",
    "RolloutState",
    "Run",
    "RunKind",
    "RunProgress",
    "SelfTest",
    "Shown",
    "Side",
    "Size",
    "Suite",
    "TriageEvent",
    "TriageLabel",
    "VerdictAction",
    "VerdictEvent",
    "Waiver",
    "WorkerStatus",
]
