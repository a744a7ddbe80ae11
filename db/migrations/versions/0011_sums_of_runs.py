"""What runs add up to, what is said of each picture, and what gates read of each pair are kept.

Only the tables are made here: homes of before are filled by :mod:`db.schema` once the schema is the newest.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_sums",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_sums_run_id")),
        sa.PrimaryKeyConstraint("what", "run_id", "arm", "key", "outcome", name=op.f("pk_run_sums")),
    )
    op.create_index(op.f("ix_run_sums_run_id_n"), "run_sums", ["run_id", "n"])
    op.create_index(op.f("ix_run_sums_what_run_id_arm_n"), "run_sums", ["what", "run_id", "arm", "n"])
    op.create_index(op.f("ix_verdicts_person_ordinal"), "verdicts", ["person", "ordinal"])
    op.create_index(op.f("ix_pairs_run_id_position"), "pairs", ["run_id", "position"])
    op.drop_index(op.f("ix_jobs_run_id_state"), "jobs")
    op.create_index(op.f("ix_jobs_run_id_state_finished_at"), "jobs", ["run_id", "state", "finished_at"])
    op.create_table(
        "case_names",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_digest"], ["cases.digest"], name=op.f("fk_case_names_case_digest")),
        sa.PrimaryKeyConstraint("name", "case_digest", name=op.f("pk_case_names")),
    )
    op.create_table(
        "golden_ballots",
        sa.Column("case_digest", sa.Text(), nullable=False),
        sa.Column("render_digest", sa.Text(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("against", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_digest"], ["cases.digest"], name=op.f("fk_golden_ballots_case_digest")
        ),
        sa.PrimaryKeyConstraint("case_digest", "render_digest", name=op.f("pk_golden_ballots")),
    )
    op.create_index(op.f("ix_golden_ballots_accepted"), "golden_ballots", ["accepted"])
    op.create_index(op.f("ix_golden_ballots_refused"), "golden_ballots", ["refused"])
    op.create_table(
        "pair_shapes",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pair_shapes")),
    )
    op.create_table(
        "kept_pairs",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("moments", sa.Text(), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name=op.f("fk_kept_pairs_pair_id")),
        sa.ForeignKeyConstraint(["shape"], ["pair_shapes.digest"], name=op.f("fk_kept_pairs_shape")),
        sa.PrimaryKeyConstraint("pair_id", name=op.f("pk_kept_pairs")),
    )
    op.create_index(op.f("ix_kept_pairs_run_id"), "kept_pairs", ["run_id"])
    op.create_table(
        "pictures_met",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("other_run_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name=op.f("fk_pictures_met_pair_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_pictures_met_run_id")),
        sa.ForeignKeyConstraint(["other_run_id"], ["runs.id"], name=op.f("fk_pictures_met_other_run_id")),
        sa.PrimaryKeyConstraint("run_id", "other_run_id", "pair_id", name=op.f("pk_pictures_met")),
    )
