"""Why a worker waits, where it cannot go on; and which renders an examination has seen, by their ordinals.

A home of before told by two clocks whether an examination came after a render: its measurements get the
highest ordinal among the renders of their pair that the clocks had put before them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workers", sa.Column("trouble", sa.Text(), nullable=True))
    op.add_column("measurements", sa.Column("last_render", sa.BigInteger(), nullable=True))
    op.get_bind().execute(
        sa.text(
            "UPDATE measurements SET last_render = (SELECT COALESCE(MAX(renders.ordinal), 0) FROM renders"
            " WHERE renders.pair_id = measurements.pair_id"
            " AND renders.created_at <= measurements.created_at)"
        )
    )
