"""The tables: each is a record's fields, plus a few bookkeeping columns.

Long: every table on one page, so that a key and what refers to it are seen together.

``ordinal`` counts rows in the order in which they were written, whatever the clocks say: "the latest" always
means the highest ordinal. Events (verdicts, triage, rollouts, pictures) are only ever appended. The rows of
the review queue's fold are kept beside them: ``standing_verdicts``, whose key also makes a second standing
verdict on a pair impossible, ``review_units``, ``reviewer_desks``, and of ``pairs`` what is no field of
theirs. Reviewers stand in all of these, and in handouts, skips and names, by
:func:`core.access.person.person_key`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from core.records import (
    Analysis,
    Arm,
    Case,
    GoldenVersion,
    Job,
    Measurement,
    Pair,
    PictureEvent,
    Render,
    ReplayReport,
    ReviewerDesk,
    ReviewUnit,
    RolloutEvent,
    Run,
    SelfTest,
    StandingVerdict,
    StoredFile,
    TriageEvent,
    VerdictEvent,
    Waiver,
    WorkerStatus,
)
from db.columns import Moment, Plain, Word, columns

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _ordinal() -> Column[Any]:
    return Column("ordinal", Integer, primary_key=True)


cases = Table("cases", metadata, Column("digest", Plain, primary_key=True), *columns(Case))

case_tags = Table(
    "case_tags",
    metadata,
    Column("case_digest", Plain, ForeignKey("cases.digest"), nullable=False),
    Column("tag", Plain, nullable=False),
    PrimaryKeyConstraint("case_digest", "tag"),
    Index(None, "tag"),
)

suites = Table(
    "suites",
    metadata,
    _ordinal(),
    Column("digest", Plain, nullable=False, index=True),
    Column("name", Plain, nullable=False, index=True),
    Column("title", Plain, nullable=False),
    Column("description", Plain, nullable=False),
    Column("saved_at", Moment, nullable=False),
)

suite_cases = Table(
    "suite_cases",
    metadata,
    Column("suite_digest", Plain, nullable=False),
    Column("position", Integer, nullable=False),
    Column("case_digest", Plain, ForeignKey("cases.digest"), nullable=False),
    PrimaryKeyConstraint("suite_digest", "position"),
)

runs = Table(
    "runs",
    metadata,
    _ordinal(),
    *columns(Run),
    Column("request_digest", Plain, nullable=False, index=True),
    UniqueConstraint("id"),
    Index(None, "baseline_digest", "candidate_digest"),
)

pairs = Table(
    "pairs",
    metadata,
    *columns(Pair, primary_key="id"),
    Column("review_rank", Integer, nullable=False),
    *(Column(name, Boolean, nullable=False) for name in ("ready", "overlapped", "disputed")),
    Index(None, "run_id", "ready", "review_rank"),
    Index(None, "run_id", "disputed"),
    Index(None, "case_digest"),
    ForeignKeyConstraint(["run_id"], ["runs.id"]),
    ForeignKeyConstraint(["case_digest"], ["cases.digest"]),
)

jobs = Table(
    "jobs",
    metadata,
    _ordinal(),
    *columns(Job),
    Column("rank", Integer, nullable=False),
    UniqueConstraint("id"),
    Index(None, "state", "rank", "ordinal"),
    Index(None, "run_id", "state"),
    Index(None, "subject_id"),
    ForeignKeyConstraint(["run_id"], ["runs.id"]),
)

workers = Table("workers", metadata, *columns(WorkerStatus, primary_key="name", reported=True))

renders = Table(
    "renders",
    metadata,
    _ordinal(),
    *columns(Render),
    Column("recipe_digest", Plain, nullable=False, index=True),
    UniqueConstraint("id"),
    Index(None, "pair_id"),
    Index(None, "digest"),
    Index(None, "file_digest"),
    ForeignKeyConstraint(["pair_id"], ["pairs.id"]),
)

stored_files = Table(
    "stored_files",
    metadata,
    *columns(StoredFile, primary_key="file_digest"),
    Column("claimed_at", Moment, nullable=False),
    Index(None, "digest"),
)
"""The files of the blob folder. ``claimed_at``, by the database's clock: when its picture was last drawn."""

picture_events = Table("picture_events", metadata, _ordinal(), *columns(PictureEvent), Index(None, "digest"))

measurements = Table(
    "measurements",
    metadata,
    _ordinal(),
    *columns(Measurement, reported=True),
    Column("examination", Integer, nullable=False, index=True),
    Column("alarm", Boolean, nullable=False),
    Index(None, "alarm", "check"),
    Index(None, "pair_id", "check", "examination"),
    ForeignKeyConstraint(["pair_id"], ["pairs.id"]),
)

replays = Table(
    "replays",
    metadata,
    _ordinal(),
    *columns(ReplayReport, reported=True),
    UniqueConstraint("id"),
    Index(None, "render_id"),
    ForeignKeyConstraint(["render_id"], ["renders.id"]),
)

self_tests = Table("self_tests", metadata, _ordinal(), *columns(SelfTest, reported=True))

verdicts = Table(
    "verdicts",
    metadata,
    _ordinal(),
    *columns(VerdictEvent),
    Column("run_id", Plain, nullable=False),
    Column("person", Plain, nullable=False),
    Column("nth", Integer),
    UniqueConstraint("uuid"),
    Index(None, "pair_id", "person"),
    Index(None, "person", "purpose"),
    Index(None, "run_id", "person", "nth"),
    ForeignKeyConstraint(["pair_id"], ["pairs.id"]),
)
"""``person`` is the reviewer by :func:`core.access.person.person_key`; ``nth`` numbers, for each reviewer and
run from 1, the judgements that a hidden repeat may bring back."""

standing_verdicts = Table(
    "standing_verdicts",
    metadata,
    *columns(StandingVerdict),
    PrimaryKeyConstraint("pair_id", "reviewer", "slot"),
    UniqueConstraint("uuid"),
    Index(None, "reviewer"),
    Index(None, "run_id", "wants_second", "place", "reviewer"),
    ForeignKeyConstraint(["uuid"], ["verdicts.uuid"]),
)
"""Which verdict stands, and for what: rows of the fold in :mod:`core.review.queue`, as the next two."""

review_units = Table(
    "review_units",
    metadata,
    *columns(ReviewUnit),
    PrimaryKeyConstraint("run_id", "case_digest"),
    Index(None, "run_id", "state", "place"),
    ForeignKeyConstraint(["run_id"], ["runs.id"]),
)

reviewer_desks = Table(
    "reviewer_desks",
    metadata,
    *columns(ReviewerDesk),
    PrimaryKeyConstraint("run_id", "reviewer"),
    Index(None, "reviewer"),
    ForeignKeyConstraint(["run_id"], ["runs.id"]),
)

handouts = Table(
    "handouts",
    metadata,
    Column("task", Plain, primary_key=True),
    Column("pair_id", Plain, ForeignKey("pairs.id"), nullable=False),
    Column("reviewer", Plain, nullable=False),
    Column("slot", Plain, nullable=False),
    Column("side_a", Word(Arm), nullable=False),
    Column("handed_at", Moment, nullable=False),
    UniqueConstraint("pair_id", "reviewer", "slot"),
    Index(None, "reviewer", "slot"),
    Index(None, "handed_at"),
)
"""What a reviewer was given to judge, and which arm as A: drawn once and kept. ``task`` is its blind name."""

skips = Table(
    "skips",
    metadata,
    _ordinal(),
    Column("pair_id", Plain, ForeignKey("pairs.id"), nullable=False),
    Column("reviewer", Plain, nullable=False),
    Column("skipped_at", Moment, nullable=False),
    Index(None, "reviewer", "pair_id"),
)

names_shown = Table(
    "names_shown",
    metadata,
    Column("pair_id", Plain, ForeignKey("pairs.id"), nullable=False),
    Column("reviewer", Plain, nullable=False),
    Column("shown_at", Moment, nullable=False),
    PrimaryKeyConstraint("pair_id", "reviewer"),
)
"""Since when a reviewer has known which model drew a picture of a pair; follows from ``named_pictures``."""

named_pictures = Table(
    "named_pictures",
    metadata,
    Column("reviewer", Plain, nullable=False),
    Column("digest", Plain, nullable=False),
    Column("run_id", Plain, ForeignKey("runs.id")),
    Column("shown_at", Moment, nullable=False),
    PrimaryKeyConstraint("reviewer", "digest"),
    Index(None, "digest"),
)
"""Since when a reviewer has known which model drew a picture, and in which run; null: in a golden set."""

triage_events = Table(
    "triage_events",
    metadata,
    _ordinal(),
    *columns(TriageEvent),
    UniqueConstraint("uuid"),
    Index(None, "case_digest", "render_digest"),
)

golden_versions = Table("golden_versions", metadata, *columns(GoldenVersion, primary_key="number"))

analyses = Table(
    "analyses",
    metadata,
    _ordinal(),
    *columns(Analysis),
    UniqueConstraint("id"),
    Index(None, "run_id"),
    ForeignKeyConstraint(["run_id"], ["runs.id"]),
)

rollout_events = Table(
    "rollout_events",
    metadata,
    _ordinal(),
    *columns(RolloutEvent),
    UniqueConstraint("uuid"),
    Index(None, "run_id"),
    ForeignKeyConstraint(["run_id"], ["runs.id"]),
)

waivers = Table("waivers", metadata, _ordinal(), *columns(Waiver), UniqueConstraint("id"))
