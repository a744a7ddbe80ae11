"""Who has seen the names of which pair: what is judged afterwards is not blind."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "names_shown",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.id"], name="fk_names_shown_pair_id"),
        sa.PrimaryKeyConstraint("pair_id", "reviewer", name="pk_names_shown"),
    )
