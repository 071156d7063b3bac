"""What the scheduler chooses by, and why it found no host; and what waiting for room needs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("compute_nodes") as table:
        table.add_column(sa.Column("metrics", sa.JSON()))
        table.add_column(sa.Column("freed_at", MOMENT))
        table.create_index("ix_compute_nodes_freed_at", ["freed_at"])
    with op.batch_alter_table("instance_actions") as table:
        table.add_column(sa.Column("decision", sa.JSON()))
    with op.batch_alter_table("instance_faults") as table:
        table.add_column(sa.Column("action_id", sa.Integer()))
    with op.batch_alter_table("instances") as table:
        table.add_column(sa.Column("pending_kind", sa.String(40)))
