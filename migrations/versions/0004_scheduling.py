"""What the scheduler chooses by: metrics that hosts report."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("compute_nodes") as table:
        table.add_column(sa.Column("metrics", sa.JSON()))
