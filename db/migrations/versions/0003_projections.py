"""What the queue asks all the time stands where it is asked: readiness, and what a verdict is about."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pairs", sa.Column("ready", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE pairs SET ready = (SELECT count(*) = 1 FROM jobs"
        " WHERE jobs.subject_id = pairs.id AND jobs.kind = 'pair' AND jobs.state = 'done')"
    )
    op.drop_index("ix_pairs_run_id_review_rank", "pairs")
    op.create_index("ix_pairs_run_id_ready_review_rank", "pairs", ["run_id", "ready", "review_rank"])
    for name in ("run_id", "case_digest", "purpose", "outcome"):
        column = sa.Column(name, sa.Text(), nullable=False, server_default="")
        op.add_column("standing_verdicts", column)
    op.execute(
        "UPDATE standing_verdicts SET (run_id, case_digest, purpose, outcome) ="
        " (SELECT pairs.run_id, pairs.case_digest, verdicts.purpose, verdicts.outcome"
        " FROM verdicts JOIN pairs ON pairs.id = verdicts.pair_id"
        " WHERE verdicts.uuid = standing_verdicts.uuid)"
    )
    op.create_index(
        "ix_standing_verdicts_run_id_purpose_case_digest",
        "standing_verdicts",
        ["run_id", "purpose", "case_digest"],
    )
