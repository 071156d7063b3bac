"""What the tables have in common."""

from datetime import datetime
from typing import Any, ClassVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase

Moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
LongText = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
Uuid = sa.String(36)
Name = sa.String(255)


def exact(length: int) -> Any:
    """A text whose every letter counts: MariaDB would take a and A for the same."""
    collated = mysql.VARCHAR(length, collation="utf8mb4_bin")
    return sa.String(length).with_variant(collated, "mysql", "mariadb")


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {
        str: Name,
        datetime: Moment,
        dict[str, Any]: sa.JSON(),
        dict[str, float]: sa.JSON(none_as_null=True),
        dict[str, str]: sa.JSON(),
        list[str]: sa.JSON(),
        list[dict[str, Any]]: sa.JSON(),
    }


def table_of(model: type[Base]) -> sa.Table:
    """The table behind a model, for statements that need no ORM."""
    return cast(sa.Table, model.__table__)
