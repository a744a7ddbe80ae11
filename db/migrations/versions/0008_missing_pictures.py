"""Events of pictures that were found missing or came back, from which the queue knows what it can show."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture_events",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("there", sa.Boolean(), nullable=False),
        sa.Column("noticed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_picture_events")),
    )
    op.create_index(op.f("ix_picture_events_digest"), "picture_events", ["digest"], unique=False)
