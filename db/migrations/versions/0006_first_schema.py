"""The first schema: suites, runs, the work queue, renders, measurements, review, golden set, decisions.

Long: a schema is made in one step.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
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
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_cases")),
    )
    op.create_table(
        "golden_versions",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_golden_versions")),
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
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_runs")),
        sa.UniqueConstraint("id", name=op.f("uq_runs_id")),
    )
    op.create_index(
        op.f("ix_runs_baseline_digest_candidate_digest"),
        "runs",
        ["baseline_digest", "candidate_digest"],
        unique=False,
    )
    op.create_index(op.f("ix_runs_request_digest"), "runs", ["request_digest"], unique=False)
    op.create_table(
        "self_tests",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("hit_rate", sa.Double(), nullable=True),
        sa.Column("false_alarm_rate", sa.Double(), nullable=True),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("score", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_self_tests")),
    )
    op.create_table(
        "suites",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_suites")),
    )
    op.create_index(op.f("ix_suites_digest"), "suites", ["digest"], unique=False)
    op.create_index(op.f("ix_suites_name"), "suites", ["name"], unique=False)
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
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_triage_events")),
        sa.UniqueConstraint("uuid", name=op.f("uq_triage_events_uuid")),
    )
    op.create_index(
        op.f("ix_triage_events_case_digest_render_digest"),
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
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_waivers")),
        sa.UniqueConstraint("id", name=op.f("uq_waivers_id")),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.Text(), nullable=False),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
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
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_analyses_run_id")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_analyses")),
        sa.UniqueConstraint("id", name=op.f("uq_analyses_id")),
    )
    op.create_index(op.f("ix_analyses_run_id"), "analyses", ["run_id"], unique=False)
    op.create_table(
        "case_tags",
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_digest"], ["cases.digest"], name=op.f("fk_case_tags_case_digest")),
        sa.PrimaryKeyConstraint("case_digest", "tag", name=op.f("pk_case_tags")),
    )
    op.create_index(op.f("ix_case_tags_tag"), "case_tags", ["tag"], unique=False)
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
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_jobs_run_id")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_jobs")),
        sa.UniqueConstraint("id", name=op.f("uq_jobs_id")),
    )
    op.create_index(op.f("ix_jobs_run_id_state"), "jobs", ["run_id", "state"], unique=False)
    op.create_index(op.f("ix_jobs_state_rank_ordinal"), "jobs", ["state", "rank", "ordinal"], unique=False)
    op.create_index(op.f("ix_jobs_subject_id"), "jobs", ["subject_id"], unique=False)
    op.create_table(
        "named_pictures",
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("shown_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_named_pictures_run_id")),
        sa.PrimaryKeyConstraint("reviewer", "digest", name=op.f("pk_named_pictures")),
    )
    op.create_index(op.f("ix_named_pictures_digest"), "named_pictures", ["digest"], unique=False)
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
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("overlapped", sa.Boolean(), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_digest"], ["cases.digest"], name=op.f("fk_pairs_case_digest")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_pairs_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairs")),
    )
    op.create_index(op.f("ix_pairs_case_digest"), "pairs", ["case_digest"], unique=False)
    op.create_index(op.f("ix_pairs_run_id_disputed"), "pairs", ["run_id", "disputed"], unique=False)
    op.create_index(
        op.f("ix_pairs_run_id_ready_review_rank"), "pairs", ["run_id", "ready", "review_rank"], unique=False
    )
    op.create_table(
        "review_units",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ready_pairs", sa.BigInteger(), nullable=False),
        sa.Column("votes", sa.Text(), nullable=False),
        sa.Column("first_judged_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_review_units_run_id")),
        sa.PrimaryKeyConstraint("run_id", "case_digest", name=op.f("pk_review_units")),
    )
    op.create_index(
        op.f("ix_review_units_run_id_state_place"), "review_units", ["run_id", "state", "place"], unique=False
    )
    op.create_table(
        "reviewer_desks",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.Column("gold", sa.BigInteger(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.Column("last_cast", sa.Text(), nullable=True),
        sa.Column("standing", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_reviewer_desks_run_id")),
        sa.PrimaryKeyConstraint("run_id", "reviewer", name=op.f("pk_reviewer_desks")),
    )
    op.create_index(op.f("ix_reviewer_desks_reviewer"), "reviewer_desks", ["reviewer"], unique=False)
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
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_rollout_events_run_id")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_rollout_events")),
        sa.UniqueConstraint("uuid", name=op.f("uq_rollout_events_uuid")),
    )
    op.create_index(op.f("ix_rollout_events_run_id"), "rollout_events", ["run_id"], unique=False)
    op.create_table(
        "suite_cases",
        sa.Column("suite_digest", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_digest"], ["cases.digest"], name=op.f("fk_suite_cases_case_digest")),
        sa.PrimaryKeyConstraint("suite_digest", "position", name=op.f("pk_suite_cases")),
    )
    op.create_table(
        "handouts",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("side_a", sa.Text(), nullable=False),
        sa.Column("handed_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name=op.f("fk_handouts_pair_id")),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_handouts")),
        sa.UniqueConstraint("pair_id", "reviewer", "slot", name=op.f("uq_handouts_pair_id_reviewer_slot")),
    )
    op.create_index(op.f("ix_handouts_handed_at"), "handouts", ["handed_at"], unique=False)
    op.create_index(op.f("ix_handouts_reviewer_slot"), "handouts", ["reviewer", "slot"], unique=False)
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
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("examination", sa.Integer(), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name=op.f("fk_measurements_pair_id")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_measurements")),
    )
    op.create_index(op.f("ix_measurements_alarm_check"), "measurements", ["alarm", "check"], unique=False)
    op.create_index(op.f("ix_measurements_examination"), "measurements", ["examination"], unique=False)
    op.create_index(
        op.f("ix_measurements_pair_id_check_examination"),
        "measurements",
        ["pair_id", "check", "examination"],
        unique=False,
    )
    op.create_table(
        "names_shown",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name=op.f("fk_names_shown_pair_id")),
        sa.PrimaryKeyConstraint("pair_id", "reviewer", name=op.f("pk_names_shown")),
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
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name=op.f("fk_renders_pair_id")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_renders")),
        sa.UniqueConstraint("id", name=op.f("uq_renders_id")),
    )
    op.create_index(op.f("ix_renders_digest"), "renders", ["digest"], unique=False)
    op.create_index(op.f("ix_renders_pair_id"), "renders", ["pair_id"], unique=False)
    op.create_index(op.f("ix_renders_recipe_digest"), "renders", ["recipe_digest"], unique=False)
    op.create_table(
        "skips",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("skipped_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name=op.f("fk_skips_pair_id")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_skips")),
    )
    op.create_index(op.f("ix_skips_reviewer_pair_id"), "skips", ["reviewer", "pair_id"], unique=False)
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
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name=op.f("fk_verdicts_pair_id")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_verdicts")),
        sa.UniqueConstraint("uuid", name=op.f("uq_verdicts_uuid")),
    )
    op.create_index(op.f("ix_verdicts_pair_id_person"), "verdicts", ["pair_id", "person"], unique=False)
    op.create_index(op.f("ix_verdicts_person_purpose"), "verdicts", ["person", "purpose"], unique=False)
    op.create_index(
        op.f("ix_verdicts_run_id_person_nth"), "verdicts", ["run_id", "person", "nth"], unique=False
    )
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
        sa.ForeignKeyConstraint(["render_id"], ["renders.id"], name=op.f("fk_replays_render_id")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_replays")),
        sa.UniqueConstraint("id", name=op.f("uq_replays_id")),
    )
    op.create_index(op.f("ix_replays_render_id"), "replays", ["render_id"], unique=False)
    op.create_table(
        "standing_verdicts",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("wants_second", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["uuid"], ["verdicts.uuid"], name=op.f("fk_standing_verdicts_uuid")),
        sa.PrimaryKeyConstraint("pair_id", "reviewer", "slot", name=op.f("pk_standing_verdicts")),
        sa.UniqueConstraint("uuid", name=op.f("uq_standing_verdicts_uuid")),
    )
    op.create_index(op.f("ix_standing_verdicts_reviewer"), "standing_verdicts", ["reviewer"], unique=False)
    op.create_index(
        op.f("ix_standing_verdicts_run_id_wants_second_place_reviewer"),
        "standing_verdicts",
        ["run_id", "wants_second", "place", "reviewer"],
        unique=False,
    )
