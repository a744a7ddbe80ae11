"""Files are known by the SHA-256 of their bytes, beside the digest of their pixels.

Only the columns are made here: files of an earlier home are read where they lie, and taken in one by one by a
worker that has nothing to draw, see :mod:`db.adoption`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_files",
        sa.Column("file_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file_digest", name=op.f("pk_stored_files")),
    )
    op.create_index(op.f("ix_stored_files_digest"), "stored_files", ["digest"], unique=False)
    op.add_column("renders", sa.Column("file_digest", sa.Text(), nullable=True))
    op.create_index(op.f("ix_renders_file_digest"), "renders", ["file_digest"], unique=False)
