"""What a reviewer was handed gets a blind name and a slot for hidden controls."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    handouts = op.create_table(
        "handouts",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("side_a", sa.Text(), nullable=False),
        sa.Column("handed_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name="fk_handouts_pair_id"),
        sa.PrimaryKeyConstraint("task", name="pk_handouts"),
        sa.UniqueConstraint("pair_id", "reviewer", "slot", name="uq_handouts_pair_id_reviewer_slot"),
    )
    op.create_index("ix_handouts_reviewer_slot", "handouts", ["reviewer", "slot"])
    op.create_index("ix_handouts_handed_at", "handouts", ["handed_at"])
    assigned = op.get_bind().execute(sa.text("SELECT pair_id, reviewer, side_a, assigned_at FROM sides"))
    rows = [
        {
            "task": uuid4().hex,
            "pair_id": row.pair_id,
            "reviewer": row.reviewer,
            "slot": "judged",
            "side_a": row.side_a,
            "handed_at": row.assigned_at,
        }
        for row in assigned
    ]
    op.bulk_insert(handouts, rows)
    op.drop_table("sides")
