"""Who has seen which picture named: the same picture lies in several runs, and comes back in later ones."""

import sqlalchemy as sa
from alembic import op

from core.access.person import person_key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SHOWN = "SELECT pair_id, reviewer, shown_at FROM names_shown ORDER BY shown_at"
PICTURES = (
    "SELECT renders.digest, pairs.run_id FROM renders JOIN pairs ON pairs.id = renders.pair_id"
    " WHERE renders.pair_id = :pair AND renders.digest IS NOT NULL"
)
HOLDING = (
    "SELECT named_pictures.reviewer, renders.pair_id, min(named_pictures.shown_at) AS shown_at"
    " FROM named_pictures JOIN renders ON renders.digest = named_pictures.digest"
    " GROUP BY named_pictures.reviewer, renders.pair_id"
)


def upgrade() -> None:
    named = op.create_table(
        "named_pictures",
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("shown_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_named_pictures_run_id"),
        sa.PrimaryKeyConstraint("reviewer", "digest", name="pk_named_pictures"),
    )
    op.create_index("ix_named_pictures_digest", "named_pictures", ["digest"])
    connection, pictures = op.get_bind(), {}
    for shown in connection.execute(sa.text(SHOWN)).all():
        for picture in connection.execute(sa.text(PICTURES), {"pair": shown.pair_id}):
            pictures.setdefault(
                (person_key(shown.reviewer), picture.digest), (picture.run_id, shown.shown_at)
            )
    op.bulk_insert(
        named,
        [
            {"reviewer": reviewer, "digest": digest, "run_id": run_id, "shown_at": shown_at}
            for (reviewer, digest), (run_id, shown_at) in pictures.items()
        ],
    )
    pairs = [dict(row._mapping) for row in connection.execute(sa.text(HOLDING))]
    op.execute("DELETE FROM names_shown")
    op.bulk_insert(sa.table("names_shown", *map(sa.column, ("pair_id", "reviewer", "shown_at"))), pairs)
