"""Who keeps each member of the service group, in which epoch; and whose turn a duty is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("services") as table:
        table.add_column(sa.Column("epoch", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("owner", sa.JSON()))
        table.add_column(sa.Column("left_at", MOMENT))
    with op.batch_alter_table("compute_nodes") as table:
        table.add_column(sa.Column("epoch", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "duties",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(255)),
        sa.Column("until", MOMENT),
        sa.Column("taken_at", MOMENT),
        sa.Column("wrote_at", MOMENT),
    )
