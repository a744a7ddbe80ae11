"""The first schema: suites, runs, the work queue, renders, measurements, verdicts, golden set, decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("negative_prompt", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("expected_text", sa.Text(), nullable=False),
        sa.Column("expects_alpha", sa.Boolean(), nullable=True),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_cases"),
    )
    op.create_table(
        "golden_versions",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_golden_versions"),
    )
    op.create_table(
        "runs",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("suite_digest", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=False),
        sa.Column("candidate", sa.Text(), nullable=False),
        sa.Column("baseline_digest", sa.Text(), nullable=False),
        sa.Column("candidate_digest", sa.Text(), nullable=False),
        sa.Column("seeds", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name="pk_runs"),
        sa.UniqueConstraint("id", name="uq_runs_id"),
    )
    op.create_index(
        "ix_runs_baseline_digest_candidate_digest",
        "runs",
        ["baseline_digest", "candidate_digest"],
        unique=False,
    )
    op.create_index("ix_runs_request_digest", "runs", ["request_digest"], unique=False)
    op.create_table(
        "self_tests",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("hit_rate", sa.Double(), nullable=True),
        sa.Column("false_alarm_rate", sa.Double(), nullable=True),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name="pk_self_tests"),
    )
    op.create_table(
        "suites",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name="pk_suites"),
    )
    op.create_index("ix_suites_digest", "suites", ["digest"], unique=False)
    op.create_index("ix_suites_name", "suites", ["name"], unique=False)
    op.create_table(
        "triage_events",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.Column("render_digest", sa.Text(), nullable=False),
        sa.Column("label_before", sa.Text(), nullable=False),
        sa.Column("label_after", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name="pk_triage_events"),
        sa.UniqueConstraint("uuid", name="uq_triage_events_uuid"),
    )
    op.create_index(
        "ix_triage_events_case_digest_render_digest",
        "triage_events",
        ["case_digest", "render_digest"],
        unique=False,
    )
    op.create_table(
        "waivers",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name="pk_waivers"),
        sa.UniqueConstraint("id", name="uq_waivers_id"),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.Text(), nullable=False),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )
    op.create_table(
        "analyses",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("policy_digest", sa.Text(), nullable=False),
        sa.Column("policy_text", sa.Text(), nullable=False),
        sa.Column("evidence_digest", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_analyses_run_id"),
        sa.PrimaryKeyConstraint("ordinal", name="pk_analyses"),
        sa.UniqueConstraint("id", name="uq_analyses_id"),
    )
    op.create_index("ix_analyses_run_id", "analyses", ["run_id"], unique=False)
    op.create_table(
        "case_tags",
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_digest"], ["cases.digest"], name="fk_case_tags_case_digest"),
        sa.PrimaryKeyConstraint("case_digest", "tag", name="pk_case_tags"),
    )
    op.create_index("ix_case_tags_tag", "case_tags", ["tag"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Text(), nullable=True),
        sa.Column("arm", sa.Text(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_jobs_run_id"),
        sa.PrimaryKeyConstraint("ordinal", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
    )
    op.create_index("ix_jobs_run_id_state", "jobs", ["run_id", "state"], unique=False)
    op.create_index("ix_jobs_state_rank_ordinal", "jobs", ["state", "rank", "ordinal"], unique=False)
    op.create_index("ix_jobs_subject_id", "jobs", ["subject_id"], unique=False)
    op.create_table(
        "pairs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.Column("case_name", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("noise_shared", sa.Boolean(), nullable=True),
        sa.Column("review_rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_digest"], ["cases.digest"], name="fk_pairs_case_digest"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_pairs_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pairs"),
    )
    op.create_index("ix_pairs_case_digest", "pairs", ["case_digest"], unique=False)
    op.create_index("ix_pairs_run_id_review_rank", "pairs", ["run_id", "review_rank"], unique=False)
    op.create_table(
        "rollout_events",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("analysis_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("policy_digest", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_rollout_events_run_id"),
        sa.PrimaryKeyConstraint("ordinal", name="pk_rollout_events"),
        sa.UniqueConstraint("uuid", name="uq_rollout_events_uuid"),
    )
    op.create_index("ix_rollout_events_run_id", "rollout_events", ["run_id"], unique=False)
    op.create_table(
        "suite_cases",
        sa.Column("suite_digest", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_digest"], ["cases.digest"], name="fk_suite_cases_case_digest"),
        sa.PrimaryKeyConstraint("suite_digest", "position", name="pk_suite_cases"),
    )
    op.create_table(
        "measurements",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("higher_is_better", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("regions", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("examination", sa.Integer(), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name="fk_measurements_pair_id"),
        sa.PrimaryKeyConstraint("ordinal", name="pk_measurements"),
    )
    op.create_index("ix_measurements_alarm_check", "measurements", ["alarm", "check"], unique=False)
    op.create_index("ix_measurements_examination", "measurements", ["examination"], unique=False)
    op.create_index(
        "ix_measurements_pair_id_check_examination",
        "measurements",
        ["pair_id", "check", "examination"],
        unique=False,
    )
    op.create_table(
        "renders",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("noise_digest", sa.Text(), nullable=True),
        sa.Column("latent_shape", sa.Text(), nullable=True),
        sa.Column("latency_ms", sa.Double(), nullable=True),
        sa.Column("gpu_seconds", sa.Double(), nullable=True),
        sa.Column("peak_memory_mb", sa.Double(), nullable=True),
        sa.Column("warm_up", sa.Boolean(), nullable=False),
        sa.Column("batch_was_halved", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("recipe_digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name="fk_renders_pair_id"),
        sa.PrimaryKeyConstraint("ordinal", name="pk_renders"),
        sa.UniqueConstraint("id", name="uq_renders_id"),
    )
    op.create_index("ix_renders_digest", "renders", ["digest"], unique=False)
    op.create_index("ix_renders_pair_id", "renders", ["pair_id"], unique=False)
    op.create_index("ix_renders_recipe_digest", "renders", ["recipe_digest"], unique=False)
    op.create_table(
        "sides",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("side_a", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name="fk_sides_pair_id"),
        sa.PrimaryKeyConstraint("pair_id", "reviewer", name="pk_sides"),
    )
    op.create_index("ix_sides_reviewer", "sides", ["reviewer"], unique=False)
    op.create_table(
        "skips",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("skipped_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name="fk_skips_pair_id"),
        sa.PrimaryKeyConstraint("ordinal", name="pk_skips"),
    )
    op.create_index("ix_skips_reviewer_pair_id", "skips", ["reviewer", "pair_id"], unique=False)
    op.create_table(
        "verdicts",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("side_a", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("pins", sa.Text(), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name="fk_verdicts_pair_id"),
        sa.PrimaryKeyConstraint("ordinal", name="pk_verdicts"),
        sa.UniqueConstraint("uuid", name="uq_verdicts_uuid"),
    )
    op.create_index("ix_verdicts_pair_id", "verdicts", ["pair_id"], unique=False)
    op.create_index("ix_verdicts_reviewer", "verdicts", ["reviewer"], unique=False)
    op.create_table(
        "replays",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("render_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("digest_before", sa.Text(), nullable=False),
        sa.Column("digest_after", sa.Text(), nullable=True),
        sa.Column("noise_matches", sa.Boolean(), nullable=True),
        sa.Column("max_abs_difference", sa.BigInteger(), nullable=True),
        sa.Column("mean_abs_difference", sa.Double(), nullable=True),
        sa.Column("lpips", sa.Double(), nullable=True),
        sa.Column("differing_fields", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["render_id"], ["renders.id"], name="fk_replays_render_id"),
        sa.PrimaryKeyConstraint("ordinal", name="pk_replays"),
        sa.UniqueConstraint("id", name="uq_replays_id"),
    )
    op.create_index("ix_replays_render_id", "replays", ["render_id"], unique=False)
    op.create_table(
        "standing_verdicts",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["verdicts.uuid"], name="fk_standing_verdicts_uuid"),
        sa.PrimaryKeyConstraint("pair_id", "reviewer", "slot", name="pk_standing_verdicts"),
        sa.UniqueConstraint("uuid", name="uq_standing_verdicts_uuid"),
    )
    op.create_index("ix_standing_verdicts_reviewer", "standing_verdicts", ["reviewer"], unique=False)
