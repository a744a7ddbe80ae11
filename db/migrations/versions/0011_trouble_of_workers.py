"""Why a worker waits, where it cannot go on."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workers", sa.Column("trouble", sa.Text(), nullable=True))
